/** Schemes that are recognised by the names of their parts and not decoded. */
import type { ModelTensors, Undecoded } from './scheme.ts';

const SUFFIXES: readonly (readonly [suffix: string, scheme: string])[] = [
  ['.q_weight', 'exl2'],
  ['.trellis', 'exl3'],
  ['.W_q', 'hqq'],
  ['.codebooks', 'aqlm'],
  ['.Qidxs', 'quip#'],
  ['.weight._data', 'quanto'],
  ['.weight._packed', 'quanto'],
  ['.marlin_scales', 'marlin'],
];

export async function* recogniseForeign(model: ModelTensors): AsyncIterable<Undecoded> {
  for (const name of model.entries.keys()) {
    const known = SUFFIXES.find(([suffix]) => name.endsWith(suffix));
    if (known === undefined) continue;
    yield { name: `${name.slice(0, -known[0].length)}.weight`, scheme: known[1], why: 'scheme', parts: [name] };
  }
}

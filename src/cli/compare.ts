/** `assay compare`: two models side by side, and what the Model Provenance Kit would say about them. */
import { medianCosine, mpkCautions } from '../app/text/compare-mpk.ts';
import { explain } from '../app/text/errors.ts';
import { loadKernels } from '../core/kernels/wasm.ts';
import type { ModelComparison } from '../core/report/comparison.ts';
import { comparisonWords } from '../core/report/words/comparison.ts';
import { compareModels } from '../core/scan/compare.ts';
import type { Options } from './args.ts';
import { ComparePool } from './compare-pool.ts';
import { cacheFolder } from './feature-cache.ts';
import { machine } from './machine.ts';
import { nodeHashes } from './node-hash.ts';
import { tensorTable } from './print-tensors.ts';
import { createProgressBar, printable } from './progress-bar.ts';
import { sameBytes } from './same-bytes.ts';
import { planTarget } from './session.ts';

/** A signal that could not be had is exit status 2, as for every command. */
const COULD_NOT = 2;
/** As shells expect of a program that was stopped. */
const STOPPED = 130;

export async function compare(options: Options, signal: AbortSignal): Promise<number> {
  const names = [options.target, options.other!] as const;
  const found = await run(names, options, signal);
  const timing = timingOf(found);
  if (options.json) {
    const { mpk, overlap, layers } = found.mpk;
    const kit = mpk && { model_a: names[0], model_b: names[1], ...mpk, time_seconds: timing.total_seconds, timing };
    const missing = missingOf(names, found);
    const rest = { vocab_overlap: overlap, layers, missing, caution: caution(found), comparison: found };
    console.log(JSON.stringify({ mpk: kit, ...rest }, null, 2));
  } else {
    console.log(lines(names, found, options, timing).map(printable).join('\n'));
  }
  if (found.stopped) return STOPPED;
  const unread = found.tensors.some(({ relation }) => relation === 'not-compared');
  return found.mpk.mpk === null || unread ? COULD_NOT : 0;
}

async function run(names: readonly [string, string], options: Options, signal: AbortSignal): Promise<ModelComparison> {
  const [a, b] = [
    await planTarget({ ...options, target: names[0], against: [] }, 'headers', signal),
    await planTarget({ ...options, target: names[1], against: [] }, 'headers', signal),
  ];
  const bar = createProgressBar(process.stderr);
  const pool = new ComparePool(options.offline, options.cache ? cacheFolder(process.env) : null);
  try {
    return await compareModels(
      { models: [a, b], depth: options.tensors ? 'tensors' : 'signals', now: new Date().toISOString() },
      {
        ...machine(options.offline),
        kernels: loadKernels,
        hashes: nodeHashes(),
        equal: sameBytes,
        signals: (model, ctx) => pool.signals(model, ctx),
        beside: pool,
      },
      {
        signal,
        progress: ({ done, total, path }) => bar.update(done, total ?? done, path ?? ''),
        network() {},
      },
    );
  } finally {
    bar.clear();
    await pool.close();
  }
}

/** MPK's names, with what its own run would say for them. */
function timingOf({ sides, seconds }: ModelComparison) {
  const sum = (part: 'base' | 'weights'): number => sides.reduce((all, side) => all + (side.seconds?.[part] ?? 0), 0);
  return {
    total_seconds: rounded(seconds),
    metadata_extract_seconds: rounded(sum('base')),
    weight_feature_extract_seconds: rounded(sum('weights')),
    cache_hit: sides.every(({ cached }) => cached === true) ? 'True' : 'False',
  };
}

function lines(
  names: readonly [string, string],
  found: ModelComparison,
  options: Options,
  timing: Readonly<Record<string, number | string>>,
): string[] {
  const shown = (value: number | null): string => value?.toFixed(4) ?? 'not compared';
  const out: string[] = [];
  const { mpk } = found.mpk;
  if (options.tensors) {
    const { sentence, note } = comparisonWords(found);
    out.push(sentence, ...(note === '' ? [] : [note]), '', ...tensorTable(found, options.plain), '');
  }
  if (mpk === null) out.push('The Model Provenance Kit would give no score for these two.');
  else {
    if (!options.plain) out.push('What the Model Provenance Kit would say (its score, not a verdict of Assay):', '');
    const rows: [string, string][] = [
      ['model_a', names[0]],
      ['model_b', names[1]],
      ['family_a', mpk.family_a],
      ['family_b', mpk.family_b],
      ['provenance_decision', mpk.scores.provenance_decision],
      ['pipeline_score', shown(mpk.scores.pipeline_score)],
      ['mfi_score', shown(mpk.scores.mfi_score)],
      ['mfi_tier', String(mpk.scores.mfi_tier)],
      ['mfi_match', mpk.scores.mfi_match],
      ['identity_score', shown(mpk.scores.identity_score)],
      ['tokenizer_score', shown(mpk.scores.tokenizer_score)],
      ...Object.entries(mpk.signals).map(([name, value]): [string, string] => [name, shown(value)]),
    ];
    if (options.timing)
      rows.push(...Object.entries(timing).map(([key, value]): [string, string] => [key, String(value)]));
    out.push(...rows.map(([key, value]) => `${`${key}:`.padEnd(32)}${value}`));
  }
  for (const { model, part, reason } of missingOf(names, found)) {
    const words = explain(reason);
    out.push(`? ${model}: ${part} not compared. ${words.title} (${reason.code})`, `    ${words.why}`);
  }
  const warning = caution(found);
  if (warning !== null) out.push('', warning);
  return out;
}

function missingOf(names: readonly [string, string], { sides }: ModelComparison) {
  return sides.flatMap(({ missing }, i) => missing.map((one) => ({ model: names[i]!, ...one })));
}

/** Known defects of the score, where they bite: in the words of the screen. */
function caution({ mpk: { mpk }, tensors }: ModelComparison): string | null {
  const said = mpk === null ? [] : mpkCautions(mpk.scores, mpk.signals, medianCosine(tensors));
  return said.length === 0 ? null : said.join(' ');
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import { openSafetensors } from '../../formats/safetensors.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { loadKernels } from '../../kernels/wasm.ts';
import { anchorIds } from './anchors.ts';
import { extractWeights } from './extract.ts';
import type { LoadPath } from './weights.ts';

const golden = new URL('../../../../../shared/golden/mpk/', import.meta.url);
const here = existsSync(golden);

interface Vector {
  sha256_f32le: string;
  values?: number[];
}
interface Signals {
  error?: { message: string };
  same_as_full?: boolean;
  embedding_tensor: string | null;
  eas_anchor_count: number;
  eas_self_sim: { values?: number[][] } | null;
  nlf_mode: string | null;
  nlf_num_layers: number;
  nlf_vector: Vector | null;
  lep_profile: Vector | null;
  end_histogram: Vector | null;
  wvc: Record<string, { length: number; sha256_f32le: string }> | null;
  intermediate?: { end: { counts: number[] } | null; layer_energy: Record<string, number> };
}
interface Expected {
  base_error?: unknown;
  load?: { strategy?: string };
  anchors?: { ids: number[]; vocab_size_argument: number } | null;
  anchor_first_ids: Record<string, number | null>;
  script_distribution: Record<string, number>;
  tfv: { script_distribution_order: string[] };
  full: Signals;
  streaming: Signals;
  sliced: Signals;
}

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

const models = here
  ? readdirSync(new URL('models/', golden)).filter(
      (name) => existsSync(new URL(`models/${name}/`, golden)) && weightFiles(name).length > 0,
    )
  : [];

function weightFiles(name: string): string[] {
  return readdirSync(new URL(`models/${name}/`, golden)).filter((file) => file.endsWith('.safetensors'));
}

async function extract(name: string, path: LoadPath, expected: Expected) {
  const folder = new URL(`models/${name}/`, golden);
  const files = [];
  for (const file of weightFiles(name)) {
    const source = new MemorySource(file, new Uint8Array(readFileSync(new URL(file, folder))));
    files.push({ path: file, source, opened: await openSafetensors(source) });
  }
  const index = new URL('model.safetensors.index.json', folder);
  const weightMap = existsSync(index)
    ? new Map(
        Object.entries((JSON.parse(readFileSync(index, 'utf8')) as { weight_map: Record<string, string> }).weight_map),
      )
    : null;
  const shares = new Map(
    expected.tfv.script_distribution_order.map((script) => [script, expected.script_distribution[script]!]),
  );
  const anchors = (rows: number): number[] =>
    anchorIds((text) => expected.anchor_first_ids[text] ?? null, shares, rows);
  const tools = { kernels, signal: new AbortController().signal, read: () => undefined };
  return extractWeights({ files, weightMap, path, anchors }, tools);
}

const digest = (vector: Float32Array | Float64Array): string =>
  createHash('sha256')
    .update(new Uint8Array(Float32Array.from(vector).buffer))
    .digest('hex');

/** Absolute for small numbers, relative for the rest. */
const close = (a: number, b: number | null, tolerance: number): boolean =>
  Number.isNaN(a) || b === null
    ? Number.isNaN(a) && b === null
    : Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

describe.runIf(here)('against MPK (../shared is there)', () => {
  for (const path of ['full', 'streaming', 'sliced'] as const) {
    test.each(models)(`%s, ${path} path: signals, order, energies`, async (name) => {
      const expected = JSON.parse(readFileSync(new URL(`expected/${name}.json`, golden), 'utf8')) as Expected;
      const own = expected[path];
      if (own.error !== undefined) {
        await expect(extract(name, path, expected)).rejects.toMatchObject({ code: 'SIGNAL_MPK_STOPS' });
        return;
      }
      const chain =
        path === 'full'
          ? [own]
          : path === 'streaming'
            ? [own, expected.full]
            : [own, expected.streaming, expected.full];
      const made = await extract(name, path, expected);
      expect(made.embedding).toBe(own.embedding_tensor);
      expect(made.eas?.size ?? 0).toBe(own.eas_anchor_count);
      if (made.eas !== null && expected.anchors) expect(made.anchors).toEqual(expected.anchors.ids);
      const matrix = chain.map(({ eas_self_sim: m }) => m?.values?.flat()).find((m) => m !== undefined);
      if (made.eas !== null && matrix !== undefined) {
        expect([...made.eas.values].filter((x, i) => !close(x, matrix[i]!, 1e-6))).toEqual([]);
      }
      expect(made.nlf?.mode ?? null).toBe(own.nlf_mode);
      expect(made.nlf?.tensors ?? 0).toBe(own.nlf_num_layers);
      if (made.nlf?.mode === 'direct') expect(digest(made.nlf.vector)).toBe(own.nlf_vector!.sha256_f32le);
      const profile = own.lep_profile?.values;
      expect(made.lep?.length).toBe(profile?.length);
      for (const [i, x] of (made.lep ?? []).entries()) expect(close(x, profile![i]!, 4e-6)).toBe(true);
      const counts = chain.map(({ intermediate }) => intermediate?.end?.counts).find((c) => c !== undefined);
      if (made.histogram !== null) expect(made.histogram.counts).toEqual(counts);
      expect(made.end === null).toBe(own.end_histogram === null);
      const layers = [...(made.wvc ?? [])].map(([layer, values]) => [String(layer), values.length, digest(values)]);
      const wanted = Object.entries(own.wvc ?? {}).map(([layer, w]) => [layer, w.length, w.sha256_f32le]);
      expect(layers).toEqual(wanted);
    });
  }
});

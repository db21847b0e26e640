import type { ByteSource } from '../../../src/core/bytes/source.ts';
import { deepFromFolder, deepFromZip } from '../../../src/core/db/deep-files.ts';
import { readKitFolder } from '../../../src/core/db/catalogue.ts';
import type { DatabaseFiles } from '../../../src/core/db/lookup.ts';
import type { ErrorData } from '../../../src/core/errors.ts';
import { sha256Hex } from '../../../src/core/formats/sha256.ts';
import type { Kernels } from '../../../src/core/kernels/kernels.ts';
import { loadKernels } from '../../../src/core/kernels/wasm.ts';
import type { Candidate } from '../../../src/core/signals/mpk/candidate.ts';
import { compareModels, type MpkComparison } from '../../../src/core/signals/mpk/compare.ts';
import { modelSignals, type ModelFile, type ModelSignals } from '../../../src/core/signals/mpk/model.ts';
import type { MetadataFingerprint } from '../../../src/core/signals/mpk/mfi.ts';
import { scanDatabase, type ScanMatch } from '../../../src/core/signals/mpk/scan.ts';
import type { TokenizerFeatures } from '../../../src/core/signals/mpk/tfv.ts';
import type { VocabularyOverlap } from '../../../src/core/signals/mpk/voa.ts';
import type { ExtractedWeights, LoadPath } from '../../../src/core/signals/mpk/weights.ts';
import type { CaseFiles, Compute } from '../kinds.ts';

/** Files of one model: path in the folder under test → size. */
export type CaseModel = readonly { readonly path: string; readonly name: string; readonly size: number }[];

export type MpkJob =
  | { readonly type: 'model'; readonly files: CaseModel; readonly path: LoadPath }
  | { readonly type: 'pair'; readonly a: CaseModel; readonly b: CaseModel }
  | {
      readonly type: 'scan';
      readonly files: CaseModel;
      readonly top: number | null;
      readonly threshold: number | null;
      /** A catalogue as rows, or a folder of the Kit in the folder under test, its signals from files or from the zip. */
      readonly candidates: readonly Candidate[] | null;
      readonly kit: { readonly root: string; readonly paths: readonly string[]; readonly zip: string | null } | null;
    };

/** A vector as a digest and, when it is short, its values; NaN and infinities as null. */
export interface Vector {
  readonly length: number;
  readonly sha256: string;
  readonly values: readonly (number | null)[];
}

export interface ComputedModel {
  readonly fingerprint: MetadataFingerprint | null;
  readonly family: string;
  readonly tokenizer: (Omit<TokenizerFeatures, 'all_merges_str'> & { readonly merges: string }) | null;
  readonly weights: ComputedWeights | null;
  readonly missing: readonly { readonly part: string; readonly reason: ErrorData }[];
}

export interface ComputedWeights {
  readonly embedding: string | null;
  readonly anchors: readonly number[];
  readonly eas: { readonly size: number; readonly values: readonly (number | null)[] } | null;
  readonly nlf: { readonly mode: string; readonly tensors: number; readonly vector: Vector } | null;
  readonly lep: Vector | null;
  readonly end: Vector | null;
  readonly counts: readonly number[] | null;
  readonly energies: Readonly<Record<string, number | null>>;
  readonly wvc: Readonly<Record<string, Vector>> | null;
}

export interface ComputedPair {
  readonly mpk: MpkComparison | null;
  readonly overlap: VocabularyOverlap | null;
  readonly missing: readonly string[];
}

export interface ComputedScan {
  readonly matches: readonly ScanMatch[];
  readonly bucket: string;
}

const LONG = 4096;
let kernels: Promise<Kernels> | undefined;
const known = new Map<string, Promise<ModelSignals>>();

export const compute: Compute = async (job, files) => {
  const asked = job as MpkJob;
  if (asked.type === 'model') return describe(await read(asked.files, files, asked.path));
  if (asked.type === 'pair') return pair(await read(asked.a, files), await read(asked.b, files));
  return scan(asked, files);
};

/** Models appear in many pairs: those of MPK's own path are kept. */
function read(model: CaseModel, files: CaseFiles, path?: LoadPath): Promise<ModelSignals> {
  const key = path === undefined ? (model[0]?.path ?? '') : '';
  const before = known.get(key);
  if (key !== '' && before !== undefined) return before;
  const made = readModel(model, files, path);
  if (key !== '') known.set(key, made);
  return made;
}

async function readModel(model: CaseModel, files: CaseFiles, path?: LoadPath): Promise<ModelSignals> {
  kernels ??= loadKernels();
  const own: ModelFile[] = model.map((file) => ({
    path: file.name,
    size: file.size,
    open: (): Promise<ByteSource> => files.open(file.path),
  }));
  return modelSignals(own, { kernels: await kernels, signal: new AbortController().signal }, path);
}

function pair(a: ModelSignals, b: ModelSignals): ComputedPair {
  const { mpk, overlap } = compareModels(a, b);
  return {
    mpk,
    overlap,
    missing: [...a.missing, ...b.missing].map(({ reason }) => `${reason.code} ${JSON.stringify(reason.detail)}`),
  };
}

async function scan(job: Extract<MpkJob, { type: 'scan' }>, files: CaseFiles): Promise<ComputedScan> {
  const model = await read(job.files, files);
  const { fingerprint, tokenizer } = model;
  if (fingerprint === null || tokenizer === null) throw new Error('no metadata');
  const kit = job.kit;
  const folder: DatabaseFiles | null = kit && {
    get: async (path) => {
      if (!kit.paths.includes(`${kit.root}/${path}`)) return null;
      const source = await files.open(`${kit.root}/${path}`);
      return source.read(0, source.size);
    },
  };
  const candidates = folder === null ? job.candidates! : await readKitFolder(folder);
  const zip = kit?.zip ?? null;
  const deep =
    zip !== null ? await deepFromZip(await files.open(zip)) : folder === null ? undefined : deepFromFolder(folder);
  const options = {
    ...(job.top === null ? {} : { top: job.top }),
    ...(job.threshold === null ? {} : { threshold: job.threshold }),
    ...(deep === undefined ? {} : { deep }),
  };
  const { matches, bucket } = await scanDatabase({ ...model, fingerprint, tokenizer }, candidates, options);
  return { matches, bucket };
}

async function describe(model: ModelSignals): Promise<ComputedModel> {
  const { fingerprint, family, tokenizer, weights, missing } = model;
  let features: ComputedModel['tokenizer'] = null;
  if (tokenizer !== null) {
    const { all_merges_str, ...rest } = tokenizer;
    features = { ...rest, merges: await sha256Hex(new TextEncoder().encode(all_merges_str)) };
  }
  return { fingerprint, family, tokenizer: features, weights: weights === null ? null : await flat(weights), missing };
}

async function flat(weights: ExtractedWeights): Promise<ComputedWeights> {
  const { eas, nlf, lep, end, histogram, wvc, energies } = weights;
  const layers: Record<string, Vector> = {};
  for (const [layer, values] of wvc ?? []) layers[layer] = await vector(values);
  return {
    embedding: weights.embedding,
    anchors: weights.anchors,
    eas: eas === null ? null : { size: eas.size, values: [...eas.values].map(finite) },
    nlf: nlf === null ? null : { mode: nlf.mode, tensors: nlf.tensors, vector: await vector(nlf.vector) },
    lep: lep === null ? null : await vector(lep),
    end: end === null ? null : await vector(end),
    counts: histogram?.counts ?? null,
    energies: Object.fromEntries([...energies].map(([layer, energy]) => [layer, finite(energy)])),
    wvc: wvc === null ? null : layers,
  };
}

async function vector(values: Float32Array | Float64Array): Promise<Vector> {
  const floats = Float32Array.from(values);
  const sha256 = await sha256Hex(new Uint8Array(floats.buffer));
  return { length: values.length, sha256, values: values.length > LONG ? [] : [...values].map(finite) };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPECTED_FOLDER, HOSTILE_LIST, walk } from './cases.ts';

/** Numbers; what JSON cannot hold is text. */
export interface ExpectedValues {
  readonly first8?: readonly (number | string)[] | null;
  readonly first8_exact?: readonly string[];
  readonly sum?: number | string;
  readonly sumsq?: number | string;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly nan_count?: number;
  readonly inf_count?: number;
  /** Null where no reference defines the values. */
  readonly f32_sha256?: string | null;
}

/** A tensor that is made of several stored ones. */
export interface ExpectedMade extends ExpectedValues {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly made_from: readonly string[];
  readonly method?: string;
  readonly bits?: number;
  readonly group_size?: number;
  readonly block?: readonly [number, number];
  readonly f16_rounded_sha256?: string;
  readonly bf16_rounded_sha256?: string;
}

export interface ExpectedTensor extends ExpectedValues {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly byte_length: number;
  readonly file_offset?: number | null;
  readonly payload_sha256?: string | null;
  readonly ggml_type?: number;
  readonly ne?: readonly number[];
  readonly rel_offset?: number;
  /** In sets: the file that holds it. */
  readonly file?: string;
  /** Quantised tensors: of the integers as they are stored. */
  readonly int_repr_f32_sha256?: string;
  readonly dequantised_f32_sha256?: string;
}

export interface ExpectedArray {
  readonly element_type: string;
  readonly length: number;
  readonly values?: readonly unknown[];
  readonly first8?: readonly unknown[];
  readonly last4?: readonly unknown[];
  /** SHA-256 of the elements in the little-endian encoding of version 3. */
  readonly elements_sha256?: string;
}

export interface ExpectedEntry {
  readonly key: string;
  readonly type: string;
  readonly value: unknown;
}

export interface ExpectedOnnxTexts {
  readonly metadata_props: Readonly<Record<string, string>>;
  readonly doc_string: string;
}

export interface ExpectedGood {
  readonly file: string;
  readonly format: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  /** safetensors: an object of texts. GGUF: entries in order. ONNX: metadata_props and doc_string. */
  readonly metadata?: Readonly<Record<string, string>> | readonly ExpectedEntry[] | ExpectedOnnxTexts;
  readonly tensors?: readonly ExpectedTensor[];
  readonly dequantised?: readonly ExpectedMade[];
}

export interface ExpectedSet {
  readonly set: string;
  readonly format: string;
  readonly files: readonly { readonly file: string; readonly bytes: number; readonly sha256: string }[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly tensors?: readonly ExpectedTensor[];
}

export interface ExpectedHostile {
  /** Relative to `hostile/`. */
  readonly file: string;
  readonly format: string;
  readonly verdict: 'reject' | 'flag' | 'warn' | 'identify' | 'part-of-set';
  readonly codes: readonly string[];
  readonly bytes?: number;
  readonly sha256?: string;
  readonly pointer?: { readonly oid: string; readonly size: number };
}

export interface Expectations {
  readonly good: readonly ExpectedGood[];
  readonly sets: readonly ExpectedSet[];
  readonly hostile: readonly ExpectedHostile[];
}

/** Reads everything that is expected. Called after all cases were computed, never before. */
export function readExpectations(folder: string): Expectations {
  const good: ExpectedGood[] = [];
  const sets: ExpectedSet[] = [];
  if (existsSync(join(folder, EXPECTED_FOLDER))) {
    for (const path of walk(join(folder, EXPECTED_FOLDER), '')) {
      if (!path.endsWith('.json')) continue;
      const document = readJson(join(folder, EXPECTED_FOLDER, path)) as ExpectedGood & ExpectedSet;
      if (document.set === undefined) good.push(document);
      else sets.push(document);
    }
  }
  const list = join(folder, HOSTILE_LIST);
  const hostile = existsSync(list) ? (readJson(list) as { readonly files: readonly ExpectedHostile[] }).files : [];
  return { good, sets, hostile };
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * Quantised weights that a checkpoint keeps as several tensors: packed codes, scales, zero points. A scheme recognises
 * such a group by the names, dtypes and shapes of its parts and describes the one tensor they stand for.
 */
import type { TensorEntry } from '../entry.ts';

export type SchemeId =
  | 'affine'
  | 'onnx-qdq'
  | 'onnx-matmulnbits'
  | 'onnx-matmulbnb4'
  | 'onnx-gather-blocks'
  | 'gptq'
  | 'awq'
  | 'bitsandbytes'
  | 'bitsandbytes-int8'
  | 'fp8-block'
  | 'fp8-channel'
  | 'fp8-tensor'
  | 'mlx-affine'
  | 'mlx-mxfp4'
  | 'mxfp4'
  | 'nvfp4'
  | 'compressed-tensors';

/** A tensor that is not stored but made of others. Plain data. */
export interface VirtualTensor {
  readonly name: string;
  readonly scheme: SchemeId;
  /** The type a runtime would hold it in: that of its scales or of its layer, as far as that is stated. */
  readonly dtype: string;
  /** Outermost first, in the orientation of the unquantised checkpoint ([out, in] for linear layers). */
  readonly shape: readonly number[];
  /** Bits of one code. */
  readonly bits: number;
  /** Values that share a scale, where that is one number. */
  readonly groupSize?: number;
  /** Rows and columns that share a scale. */
  readonly block?: readonly [number, number];
  /** Names of the stored tensors it is made of; the codes come first. */
  readonly parts: readonly string[];
  readonly recipe: Recipe;
}

/** A group that is recognised but whose numbers nobody here knows how to make. */
export interface Undecoded {
  readonly name: string;
  /** Scheme as far as it is known, for "not decoded (scheme X)". */
  readonly scheme: string;
  readonly why: 'scheme' | 'layout' | 'size' | 'config';
  readonly parts: readonly string[];
}

/** How to make the values: for `dequantise`. Names of parts, and what their shapes do not say. */
export type Recipe = ColumnsRecipe | RowsRecipe | AffineRecipe;

/** Integers of one stored tensor with scales that its container states beside it: `fround((code - zero) * scale)`. */
export interface AffineRecipe {
  readonly kind: 'affine';
  readonly codes: string;
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  /** The dimension that has a pair for each index, where there is more than one pair. */
  readonly axis: number;
}

/** Codes packed along or across the columns of a [in, out] matrix; the tensor is [out, in]. */
export interface ColumnsRecipe {
  readonly kind: 'columns';
  /** `gptq`: a stream of bits down each column. `awq`: eight columns to a word, in an order of their own. */
  readonly packing: 'gptq' | 'awq';
  readonly bits: number;
  readonly codes: string;
  readonly zeros: string;
  /** Added to a stored zero point: 1 for GPTQ's first format. */
  readonly zeroOffset: 0 | 1;
  readonly scales: string;
  /** Group of each input row; absent: row / groupSize. */
  readonly groupIndex?: string;
  readonly groupSize: number;
  /** Rows (in), columns (out) and groups. */
  readonly k: number;
  readonly n: number;
  readonly groups: number;
}

/** How codes lie in the bytes of a row. */
export type Coding =
  /** As a stored dtype says: `I8`, `F8_E4M3`, `F4`, `U4`. */
  | { readonly kind: 'dtype'; readonly dtype: string }
  /** Unsigned codes of 3, 5 or 6 bits as one stream, lowest bits first. */
  | { readonly kind: 'stream'; readonly bits: number }
  /** Two codes to a byte, the high nibble first, each the index of a value in another part. */
  | { readonly kind: 'lookup'; readonly table: string }
  /** The same with values that the operator itself defines. */
  | { readonly kind: 'codebook'; readonly values: readonly number[] };

/** Where the numbers for one place come from: index = floor(row / rows) * columns of the part + floor(column / run). */
export interface Spread {
  readonly part: string;
  /** Rows of the tensor that share a row of this part. */
  readonly rows: number;
  /** Values along a row that share a number. */
  readonly run: number;
  /** Numbers in a row of this part. */
  readonly width: number;
  /** Rows after which the sharing begins anew: the last rows of a matrix in a stack may share with fewer. */
  readonly restart?: number;
}

/** Codes in row-major order, scaled: `fround(fround((code - zero) * scale) + bias)`. */
export interface RowsRecipe {
  readonly kind: 'rows';
  readonly codes: string;
  readonly coding: Coding;
  /** Length of a row (the last dimension), or of everything where blocks cross rows. */
  readonly columns: number;
  readonly scale: Spread & ScaleMeaning;
  /** A number that stands for zero: subtracted from every code before scaling. */
  readonly zero?: number;
  /** Stored zero points, one for each scale. `packed`: unsigned codes of this many bits down each column. */
  readonly zeros?: {
    readonly part: string;
    readonly packed?: { readonly bits: number; readonly minus: number };
    /** Unsigned codes of this many bits along each row of the scales, rows in whole bytes, lowest bits first (ONNX). */
    readonly inRows?: { readonly bits: number };
  };
  /** Added after scaling. */
  readonly bias?: Spread;
  /** Multiplied in at the end, rounding once more. */
  readonly factor?: number;
  /** Group of each column, instead of column / run. */
  readonly groupIndex?: string;
  /** Columns that are kept of each row, where codes fill rows up to whole blocks. */
  readonly kept?: number;
  /** What the result is rounded to in the end (the output type of an operator). */
  readonly round?: 'F16' | 'BF16';
}

export interface ScaleMeaning {
  /** Read the scales as this dtype instead of the stored one (bytes that are exponents). */
  readonly as?: string;
  /** A scalar that all scales are multiplied or divided by, rounding to float32. */
  readonly global?: { readonly part: string; readonly divide: boolean };
  /** bitsandbytes' second level: scale = fround(fround(map[code] * absmax[i / block]) + offset). */
  readonly nested?: { readonly map: string; readonly absmax: string; readonly block: number; readonly offset: number };
}

/** What recognising needs: every tensor of the model by name, the model's config, and small parts by content. */
export interface ModelTensors {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly config: QuantConfig;
  /** Stored bytes of a part of at most `SCHEME_NOTE_MAX` bytes. */
  read(entry: TensorEntry): Promise<Uint8Array>;
}

/** What `config.json` says about quantisation, as far as it is well-formed. */
export interface QuantConfig {
  /** `quant_method`, lower case; `mlx` when it is MLX's form. */
  readonly method?: string;
  readonly bits?: number;
  readonly groupSize?: number;
  /** GPTQ: `gptq`, `gptq_v2`, `marlin`; compressed-tensors: `pack-quantized` …; AWQ: `gemm`, `gemv`. */
  readonly format?: string;
  /** FP8: rows and columns that share a scale. */
  readonly block?: readonly [number, number];
  /** MLX: layers with their own numbers. */
  readonly layers: ReadonlyMap<string, { readonly bits?: number; readonly groupSize?: number; readonly mode?: string }>;
  readonly mode?: string;
  /** `torch_dtype` as a canonical name. */
  readonly computeDtype?: string;
}

/** Yields what one scheme finds. Names of parts it has used are skipped by the schemes after it. */
export type Recogniser = (model: ModelTensors) => AsyncIterable<VirtualTensor | Undecoded>;

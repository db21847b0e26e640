import type { Kernels, Reductions } from '../kernels/kernels.ts';
import { plainReductions } from '../kernels/plain.ts';
import { canonicalBytes, float32Bytes } from './canonical.ts';
import { createDecoder, type Decoder, type NotDecoded, type StoredTensor } from './decode/decoder.ts';
import { transformedDtype } from './decode/transforms.ts';
import { Stats, type TensorStats } from './stats.ts';
import { isWide, wideValues } from './wide.ts';

/** Takes bytes into a digest; they are valid only during the call. */
export interface ByteSink {
  update(bytes: Uint8Array): void;
}

/** What is wanted of a tensor's values, all from one pass. */
export interface SummaryWishes {
  /** Gets the canonical payload (`canonicalForm` says its dtype, shape and length). */
  readonly canonical?: ByteSink;
  /** Gets every value as float32, whatever the dtype: the golden sets' `f32_sha256`. */
  readonly float32?: ByteSink;
  /** Gets the tiles themselves: histograms, row norms, samples. */
  readonly tile?: (values: Float32Array) => void;
}

/** Statistics and digests of one tensor's values, tile by tile. */
export class Summary {
  readonly #dtype: string;
  readonly #wishes: SummaryWishes;
  readonly #stats: Stats;

  constructor(dtype: string, wishes: SummaryWishes, reductions: Reductions = plainReductions) {
    this.#dtype = dtype;
    this.#wishes = wishes;
    this.#stats = new Stats(reductions);
  }

  /** @param stored little-endian bytes of the same numbers; none for tensors that are made of several (dtype `F32`) */
  add(values: Float32Array, stored: Uint8Array = float32Bytes(values)): void {
    if (isWide(this.#dtype)) this.#stats.addWide(wideValues(this.#dtype, stored, values.length));
    else this.#stats.add(values);
    this.#wishes.float32?.update(float32Bytes(values));
    this.#wishes.canonical?.update(canonicalBytes(this.#dtype, values, stored));
    this.#wishes.tile?.(values);
  }

  result(): TensorStats {
    return this.#stats.result();
  }
}

/** A decoder that feeds a summary: push stored bytes, end, then ask for the result. */
export function summarise(
  tensor: StoredTensor,
  wishes: SummaryWishes,
  kernels?: Kernels,
): { readonly decoder: Decoder; readonly summary: Summary } | NotDecoded {
  const summary = new Summary(transformedDtype(tensor.dtype, tensor.transforms ?? []), wishes, kernels);
  const decoder = createDecoder(tensor, (values, stored) => summary.add(values, stored), kernels);
  return 'notDecoded' in decoder ? decoder : { decoder, summary };
}

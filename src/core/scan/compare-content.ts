/** Counterparts by content: tensors whose names say nothing, found by the digest of their numbers. */
import { throwIfAborted } from '../errors.ts';
import type { HashProvider } from '../hash/hasher.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { canonicalBytes } from '../tensors/canonical.ts';
import { decodedDtype, readTensor } from '../tensors/read/read.ts';
import type { Pair } from './compare-pairing.ts';
import { squeezed } from './compare-pairing.ts';
import type { ListedModel } from './compare-run.ts';
import { bytesOf } from './compare-side.ts';

export interface ContentTools {
  readonly kernels: Kernels;
  readonly hashes: HashProvider;
  readonly signal: AbortSignal;
  readonly read: (bytes: number) => void;
}

/** Tensors of either side that have one of the same extents and kind of numbers on the other: only these are read. */
export function alike(
  a: ListedModel,
  b: ListedModel,
  onlyA: readonly number[],
  onlyB: readonly number[],
): { readonly a: readonly number[]; readonly b: readonly number[]; readonly bytes: number } {
  const kind = ({ tensors }: ListedModel, i: number): string => {
    const tensor = tensors[i]!;
    return `${squeezed(tensor.shape).join()} ${family(decodedDtype(tensor))}`;
  };
  const inA = new Set(onlyA.map((i) => kind(a, i)));
  const inB = new Set(onlyB.map((i) => kind(b, i)));
  const left = onlyA.filter((i) => inB.has(kind(a, i)));
  const right = onlyB.filter((i) => inA.has(kind(b, i)));
  const sum = (side: ListedModel, list: readonly number[]): number =>
    list.reduce((total, i) => total + bytesOf(side.tensors[i]!), 0);
  return { a: left, b: right, bytes: sum(a, left) + sum(b, right) };
}

/** Floats of any width may hold the same numbers; integers only those of their own type. */
function family(dtype: string): string {
  return /^(?:F|BF|Q|IQ|TQ|MXFP|NVFP)/.test(dtype) && dtype !== 'F64' ? 'float' : dtype;
}

/**
 * Pairs tensors with equal numbers, where exactly one of either side has them: constants and copies pair with nothing.
 *
 * @throws AppError SOURCE_ABORTED and other SOURCE_*; a tensor that cannot be decoded stays alone
 */
export async function pairByContent(
  a: ListedModel,
  b: ListedModel,
  candidates: { readonly a: readonly number[]; readonly b: readonly number[] },
  tools: ContentTools,
): Promise<readonly Pair[]> {
  const inA = await digests(a, candidates.a, tools);
  const inB = await digests(b, candidates.b, tools);
  const pairs: Pair[] = [];
  for (const [digest, [i, ...twice]] of inA) {
    const [j, ...more] = inB.get(digest) ?? [];
    if (i === undefined || j === undefined || twice.length > 0 || more.length > 0) continue;
    const side = ({ tensors }: ListedModel, index: number) => ({
      index,
      selections: [],
      shape: tensors[index]!.shape,
    });
    pairs.push({ a: side(a, i), b: side(b, j), transposed: false });
  }
  return pairs;
}

async function digests(
  { model, tensors }: ListedModel,
  list: readonly number[],
  { kernels, hashes, signal, read }: ContentTools,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  const hasher = await hashes.create('sha256', 0);
  for (const index of list) {
    throwIfAborted(signal);
    const tensor = tensors[index]!;
    const dtype = decodedDtype(tensor);
    hasher.reset(0);
    hasher.update(new TextEncoder().encode(`${family(dtype)} ${squeezed(tensor.shape).join()}\n`));
    let failed = false;
    await readTensor(
      model,
      tensor,
      {
        tile: (values, stored) => hasher.update(canonicalBytes(dtype, values, stored)),
        failed: () => (failed = true),
      },
      { kernels, signal, read },
    );
    if (failed) continue;
    const digest = hasher.digest();
    found.set(digest, [...(found.get(digest) ?? []), index]);
  }
  return found;
}

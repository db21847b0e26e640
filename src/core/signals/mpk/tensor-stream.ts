/** What the weight signals read of a file: plain tensors by their values. */
import type { Kernels } from '../../kernels/kernels.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import { isPiece, type ReadTools } from '../../tensors/read/visit.ts';
import { notReadable } from '../../tensors/read/stored.ts';

/** What gathers the values of one tensor. */
export interface TensorVisitor {
  /** Tiles in order; valid only during the call. */
  tile(values: Float32Array): void;
  /** After the last tile. */
  done(): void;
}

export interface StreamTools extends ReadTools {
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
  readonly read: (bytes: number) => void;
  /** Told once, before anything is read, how many bytes are wanted. */
  readonly planned?: (bytes: number) => void;
}

/** Why the values of a tensor do not enter a signal, or null when they do. */
export function unreadable(tensor: TensorEntry): string | null {
  if (tensor.transforms !== undefined) return 'stored with a transformation';
  if (tensor.storage.kind === 'absent') return tensor.storage.why;
  if (tensor.storage.kind === 'external') return `in another file, ${tensor.storage.path}`;
  if (tensor.storage.kind === 'range' && !isPiece(tensor)) return 'a view with strides';
  return notReadable(tensor, '') === null ? null : `numbers of type ${tensor.dtype} are not decoded`;
}

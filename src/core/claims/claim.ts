/** A claim: somebody's statement about artifacts, parsed and bounded, not yet compared with anything. */
import type { Algorithm } from '../hash/hasher.ts';
import type { TrustSource } from './check.ts';

/** What a stated digest is over. */
export type DigestScope =
  /** The whole file. */
  | 'file'
  /** One tensor's stored bytes. */
  | 'tensor'
  /** All tensors' stored bytes in file order, as llama.cpp's gguf-hash prints for a whole model. */
  | 'tensor-data';

export interface DigestStatement {
  /** Path in the model, `/`-separated; null: the only artifact, whatever its name. */
  readonly path: string | null;
  readonly algorithm: Algorithm;
  /** Lower-case hex. */
  readonly digest: string;
  /** Bytes, when stated. */
  readonly size?: number;
  readonly scope: DigestScope;
  readonly tensor?: string;
}

export interface Claim {
  readonly source: TrustSource;
  readonly statements: readonly DigestStatement[];
  /** True when the claim lists everything that belongs to the model, so that other files are extra. */
  readonly exhaustive: boolean;
  /** Lines of the claim that were not understood: shown, never dropped. */
  readonly skipped: readonly { readonly line: number; readonly text: string }[];
}

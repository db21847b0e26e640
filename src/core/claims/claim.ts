/** A claim: somebody's statement about artifacts, parsed and bounded, not yet compared with anything. */
import type { ErrorData } from '../errors.ts';
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
  /** True when the algorithm is a guess from the digest's length, because the claim names none. */
  readonly assumed?: boolean;
  /** What the claim calls these bytes, when that is more than the path: `model layer of llama3:latest`. */
  readonly label?: string;
}

/** A line that was understood and must not be used, with the reason. */
export interface RefusedLine {
  readonly line: number;
  /** The path it speaks about, when it has one. */
  readonly path?: string;
  readonly error: ErrorData;
}

export interface Claim {
  readonly source: TrustSource;
  readonly statements: readonly DigestStatement[];
  /** True when the claim lists everything that belongs to the model, so that other files are extra. */
  readonly exhaustive: boolean;
  /** Lines of the claim that were not understood: shown, never dropped. The first `SKIPPED_LINES_KEPT` of them. */
  readonly skipped: readonly { readonly line: number; readonly text: string }[];
  /** How many lines were not understood in all, when more than were kept. */
  readonly skippedTotal?: number;
  /** Lines that were understood and refused: an algorithm that is not supported, a path that leaves the folder. */
  readonly refused?: readonly RefusedLine[];
  /** The commit the claim is bound to, for a repository listing. */
  readonly commit?: string;
  /** The artifact the claim was read from, when it lies among the files. */
  readonly path?: string;
}

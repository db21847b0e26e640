/** What was computed of one artifact, as comparisons need it. An `ArtifactScan` with its role is one. */
import type { ErrorData } from '../errors.ts';
import type { Algorithm } from '../hash/hasher.ts';

export interface Evidence {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly role: 'weights' | 'side' | 'claim' | 'other';
  readonly status: 'complete' | 'headers-only' | 'aborted' | 'failed' | 'not-read';
  /** Why it could not be read. */
  readonly error?: ErrorData;
  /** What the file is instead of a model. */
  readonly notAModel?: { readonly kind: string };
  readonly formatError?: ErrorData;
  readonly tensors: readonly { readonly name: string }[];
  readonly digests: Partial<Record<Algorithm, string>>;
  readonly tensorExtra: Partial<Record<Algorithm, readonly string[]>>;
  readonly tensorData: Partial<Record<Algorithm, string>>;
}

/** Why there is no digest of it. */
export function whyUnread(evidence: Evidence): ErrorData | undefined {
  if (evidence.error !== undefined) return evidence.error;
  return evidence.status === 'aborted' || evidence.status === 'not-read'
    ? { code: 'SOURCE_ABORTED', detail: { path: evidence.path } }
    : undefined;
}

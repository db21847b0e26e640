/** Who stated something, as a part of sentences. */
import { ALGORITHM_TITLES, WEAK_ALGORITHMS } from '../../claims/algorithm-names.ts';
import type { Check, TrustSource } from '../../claims/check.ts';
import type { Algorithm } from '../../hash/hasher.ts';
import { clean } from './detail.ts';

/** `SHA-256`; what is unknown stays as it was written. */
export function algorithmTitle(algorithm: string): string {
  return Object.hasOwn(ALGORITHM_TITLES, algorithm) ? ALGORITHM_TITLES[algorithm as Algorithm] : clean(algorithm, 40);
}

/** `SHA256SUMS`, `org/name at a1b2c3d`, `the digest you pasted`. */
export function sourceName(source: TrustSource): string {
  return clean(source.name, 120);
}

/** `that SHA256SUMS lists`, `that Hugging Face publishes for org/name at a1b2c3d`: follows “the SHA-256”. */
export function thatStates(source: TrustSource): string {
  const name = sourceName(source);
  if (source.kind.startsWith('attestation-')) return `in ${name}`;
  switch (source.kind) {
    case 'hub':
      return `that Hugging Face publishes for ${name}`;
    case 'layout':
      return `that ${name} states`;

    default:
      return `that ${name} lists`;
  }
}

const DETACHED: ReadonlySet<string> = new Set(
  ['minisign', 'openssh', 'raw-signature', 'signify', 'sigstore'].map((kind) => `attestation-${kind}`),
);

/** True for a match with a signature over the bytes themselves, which states no digest. */
export function isOverBytes({ source, expected }: Check): boolean {
  return expected === undefined && DETACHED.has(source.kind);
}

/** `the SHA-256 that SHA256SUMS lists`, `the digest you pasted (SHA-256)`. */
export function theDigest(source: TrustSource, algorithm: string): string {
  // Of all but the bytes of the statement itself: no digest of the file.
  if (source.kind.endsWith('-inside')) return `the digest ${thatStates(source)}`;
  const title = algorithmTitle(algorithm);
  return source.kind === 'hex' ? `${sourceName(source)} (${title})` : `the ${title} ${thatStates(source)}`;
}

/** What everything was compared with, in headlines: `org/name at a1b2c3d (digests published by Hugging Face)`. */
export function comparedWith(source: TrustSource): string {
  const name = sourceName(source);
  return source.kind === 'hub' ? `${name} (digests published by Hugging Face)` : name;
}

/** A sentence about what a weak digest is good for; empty for the others. */
export function weakness(algorithm: string | undefined): string {
  if (algorithm === undefined || !WEAK_ALGORITHMS.has(algorithm) || algorithm === 'git-blob-sha1') return '';
  return `${algorithmTitle(algorithm)} finds damage, not deliberate change.`;
}

/** `model.safetensors`, `blobs/sha256-… (model layer of llama3:latest)`, `a.gguf (listed as b.gguf)`. */
export function subjectOf(check: Check): string {
  const path = clean(check.path ?? 'the model');
  const label = text(check, 'label');
  const listedAs = text(check, 'listedAs');
  const notes = [label, listedAs === '' ? '' : `listed as ${listedAs}`].filter((note) => note !== '');
  return notes.length === 0 ? path : `${path} (${notes.join(', ')})`;
}

/** A fact of the check as clean text; empty when there is none. */
export function text(check: Check, key: string): string {
  const value = check.detail?.[key];
  return typeof value === 'string' || typeof value === 'number' ? clean(String(value)) : '';
}

/** A fact of the check as a number; 0 when there is none. */
export function count(check: Check, key: string): number {
  const value = check.detail?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** What a person typed or pasted into the one field: a repository, an address, or a digest. */
import { AppError } from '../../core/errors.ts';
import { parseHubRef } from '../../core/hub/parse-ref.ts';
import type { HubRef } from '../../core/hub/ref.ts';

export type Reference =
  | { readonly kind: 'hub'; readonly ref: HubRef }
  /** Hex, or `algorithm:hex`: something to compare the next file with. */
  | { readonly kind: 'digest'; readonly digest: string };

/** `sha256:…`, `blake3-…`, or bare hex of at least an MD5. */
const DIGEST = /^(?:[a-z0-9-]{3,12}[:=])?[0-9a-f]{32,128}$/i;

/** @throws AppError HUB_REFERENCE, SOURCE_FORBIDDEN_ORIGIN {url} for addresses this page may not ask */
export function readReference(text: string): Reference {
  const typed = text.trim();
  if (DIGEST.test(typed)) return { kind: 'digest', digest: typed.toLowerCase() };
  if (/^https?:\/\//i.test(typed) && !/^https?:\/\/(?:huggingface\.co|hf\.co)(?:\/|$)/i.test(typed)) {
    throw new AppError('SOURCE_FORBIDDEN_ORIGIN', { url: typed.slice(0, 200) });
  }
  return { kind: 'hub', ref: parseHubRef(typed) };
}

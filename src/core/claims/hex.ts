/** A digest by itself: pasted, in a link, on the command line. */
import { toHex } from '../bytes/hex.ts';
import { AppError } from '../errors.ts';
import { DIGEST_BYTES, type Algorithm } from '../hash/hasher.ts';
import { algorithmNamed, algorithmOfLength, isDigestOf } from './algorithm-names.ts';
import type { Claim, DigestStatement } from './claim.ts';

/** Longer text is no digest: the longest is 128 hex digits in groups of two, several of them on one line. */
const LONGEST = 4096;

export interface BareDigest {
  readonly algorithm: Algorithm;
  readonly digest: string;
  readonly assumed: boolean;
}

/**
 * One token: `sha256:<hex>`, `sha256=<hex>`, `sha256-<base64>` (Subresource Integrity §3.1), or hex alone.
 *
 * @param listName name of the list it stands in; decides between algorithms of equal length
 * @returns null when the token is not shaped like a digest
 * @throws AppError CLAIM_ALGORITHM {algorithm}: labelled with something that is not supported; CLAIM_DIGEST {digest}:
 * labelled, but of the wrong length or not hex
 */
export function parseDigest(token: string, listName = ''): BareDigest | null {
  const labelled = /^([A-Za-z][A-Za-z0-9_/]*(?:-[A-Za-z0-9]+)*?)([:=-])([A-Za-z0-9+/]+={0,2})$/.exec(token);
  if (labelled !== null) {
    const [, label = '', mark, value = ''] = labelled;
    const algorithm = algorithmNamed(label);
    if (algorithm === null) {
      // `text-with-dashes` is no digest; `sha3-256:…` is one that we cannot make.
      if (mark !== ':' && mark !== '=') return null;
      if (!/^[0-9a-f]{16,}$/i.test(value)) return null;
      throw new AppError('CLAIM_ALGORITHM', { algorithm: label.slice(0, 40) });
    }
    const digest = isDigestOf(algorithm, value.toLowerCase()) ? value.toLowerCase() : fromBase64(value, algorithm);
    if (digest === null) throw new AppError('CLAIM_DIGEST', { digest: value.slice(0, 140), algorithm });
    return { algorithm, digest, assumed: false };
  }
  if (!/^[0-9a-f]+$/i.test(token)) return null;
  const found = algorithmOfLength(token.length, listName);
  return found === null ? null : { ...found, digest: token.toLowerCase() };
}

/**
 * Text that a person gave as what the bytes should be: one digest, or several separated by spaces. Hex in groups, as
 * certutil prints it and as Assay shows it, is one digest.
 *
 * @param name what the text is called in sentences: `the digest you pasted`
 * @returns null when the text is not made of digests alone
 * @throws AppError CLAIM_ALGORITHM, CLAIM_DIGEST
 */
export function parseDigestText(text: string, name: string): Claim | null {
  // `SHA256: 0123…` is one digest with a label.
  const trimmed = text.trim().replace(/^([A-Za-z][A-Za-z0-9-]{1,20}[:=])[ \t]+/, '$1');
  if (trimmed === '' || trimmed.length > LONGEST || /[\r\n]/.test(trimmed)) return null;
  const digests = grouped(trimmed) ?? trimmed.split(/\s+/).map((token) => parseDigest(token));
  if (digests.some((d) => d === null)) return null;
  const statements = digests.map((d): DigestStatement => ({
    path: null,
    algorithm: d!.algorithm,
    digest: d!.digest,
    scope: 'file',
    ...(d!.assumed ? { assumed: true } : {}),
  }));
  return { source: { kind: 'hex', name, independent: true }, statements, exhaustive: false, skipped: [] };
}

/** `ab cd ef …` or `abcdef01 23456789 …`: equal groups of hex that together have a digest's length. */
function grouped(text: string): BareDigest[] | null {
  if (!/^[0-9a-f]+(?:[ \t:]+[0-9a-f]+)+$/i.test(text)) return null;
  const groups = text.split(/[ \t:]+/);
  const width = groups[0]!.length;
  if (width > 16 || groups.some((g) => g.length !== width)) return null;
  const digest = parseDigest(groups.join(''));
  return digest === null ? null : [digest];
}

function fromBase64(value: string, algorithm: Algorithm): string | null {
  const bytes = DIGEST_BYTES[algorithm];
  if (value.replace(/=+$/, '').length !== Math.ceil((bytes * 8) / 6)) return null;
  try {
    const decoded = Uint8Array.from(atob(value), (c) => c.charCodeAt(0));
    return decoded.length === bytes ? toHex(decoded) : null;
  } catch {
    return null;
  }
}

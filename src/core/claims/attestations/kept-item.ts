/** One thing a person keeps on this device to check signatures with, under a name of theirs. Plain data. */
import { sha256Hex } from '../../crypto/digest.ts';
import { pemBlocks, pemOrDer } from '../../crypto/pem.ts';
import { parsePublicKey } from '../../crypto/public-key.ts';
import { AppError } from '../../errors.ts';
import { KEPT_TRUST_BYTES_MAX } from '../../limits.ts';
import { readGivenKeys } from './detached/given-keys.ts';
import type { KeptTrust, Supplied } from './kind.ts';
import { requireTrustRoot, suppliedRoot, type UpdatedRoot } from './sigstore/public-root.ts';

export type KeptKind = 'trust-root' | 'certificate' | 'key';

export interface KeptItem {
  /** Of the bytes, lower-case hex; also what it is told apart by. */
  readonly sha256: string;
  readonly kind: KeptKind;
  /** The person's name for it. */
  readonly name: string;
  /** ISO time at which it was added. */
  readonly added: string;
  readonly bytes: Uint8Array;
}

/** Longer names are nobody's. Characters. */
const NAME_MAX = 120;

/**
 * Looks at a file that is to be kept: what it is, and whether it can be used at all.
 *
 * @param now ISO time
 * @throws AppError TRUST_KEPT {why}
 */
export async function keptItem(name: string, bytes: Uint8Array, now: string): Promise<KeptItem> {
  const shown = name.trim().slice(0, NAME_MAX);
  if (shown === '') throw refuse('it needs a name');
  if (bytes.length > KEPT_TRUST_BYTES_MAX) throw refuse('it is too large');
  const kind = await kindOf(bytes);
  return { sha256: await sha256Hex(bytes), kind, name: shown, added: now, bytes };
}

function refuse(why: string, cause?: unknown): AppError {
  return new AppError('TRUST_KEPT', { why }, cause);
}

/** Keys in the forms of minisign, signify and OpenSSH, lists of allowed signers among them. */
function holdsOtherKeys(bytes: Uint8Array): boolean {
  try {
    return readGivenKeys({ bytes, origin: { from: 'given', name: '' } }).some(({ form }) => form !== 'pem');
  } catch {
    return false;
  }
}

async function kindOf(bytes: Uint8Array): Promise<KeptKind> {
  const text = new TextDecoder('latin1').decode(bytes);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw refuse('it is a private key: never give that to anybody');
  if (text.trimStart().startsWith('{')) {
    await requireTrustRoot(bytes);
    return 'trust-root';
  }
  try {
    if (text.includes('-----BEGIN PUBLIC KEY-----')) {
      for (const { label, der } of pemBlocks(text)) if (label === 'PUBLIC KEY') parsePublicKey(der);
      return 'key';
    }
    if (holdsOtherKeys(bytes) || text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) return 'key';
    const { readCertificates } = await import('../../crypto/certificates.ts');
    if (readCertificates(pemOrDer(bytes, 'CERTIFICATE')).length > 0) return 'certificate';
  } catch (error) {
    throw refuse('it cannot be read', error);
  }
  throw refuse('there is none in it');
}

/** As it is put to use. */
export function keptTrust(items: readonly KeptItem[], updated: UpdatedRoot | null): KeptTrust {
  const of = (kind: KeptKind): Supplied[] =>
    items
      .filter((item) => item.kind === kind)
      .map(({ bytes, name, added, sha256 }) => ({
        bytes,
        origin: { from: 'given', name, date: added.slice(0, 10), sha256 },
      }));
  const publicRoot = updated === null ? null : suppliedRoot(updated);
  return {
    ...(publicRoot === null ? {} : { publicRoot }),
    keys: of('key'),
    roots: of('certificate'),
    trustedRoots: of('trust-root'),
  };
}

/** The file that `ssh-keygen -Y sign` writes (PROTOCOL.sshsig of OpenSSH): armour, blob, and the bytes that are signed. */
import { readSshKey, type SshKey } from '../../../crypto/ssh-key.ts';
import { SshReader, sshString } from '../../../crypto/ssh-wire.ts';
import { AppError } from '../../../errors.ts';
import { SIGNATURE_FILE_MAX } from '../../../limits.ts';
import { joined } from '../dsse.ts';
import { strictBase64 } from './comment-file.ts';

const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
const MAGIC = new TextEncoder().encode('SSHSIG');

export interface SshSig {
  readonly key: SshKey;
  /** What it was made for: `file`, `git`, `email`. */
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  readonly signature: Uint8Array;
}

export function looksLikeSshSig(bytes: Uint8Array): boolean {
  return (
    bytes.length <= SIGNATURE_FILE_MAX && new TextDecoder('latin1').decode(bytes.subarray(0, BEGIN.length)) === BEGIN
  );
}

/**
 * One signature and nothing beside it: the header at the very start, base64 in its one spelling, no byte after a field.
 *
 * @throws AppError ATTEST_BUNDLE {why}; ATTEST_NO_VERIFIER {what} for certificates and kinds of keys that are not read;
 *   ATTEST_KEY, ATTEST_DER when the key inside is none
 */
export function readSshSig(bytes: Uint8Array): SshSig {
  const reader = new SshReader(dearmoured(bytes), 'ATTEST_BUNDLE');
  if (reader.left < MAGIC.length || !reader.take(MAGIC.length).every((byte, i) => byte === MAGIC[i])) {
    throw reader.bad('it does not begin as one');
  }
  const version = reader.u32();
  if (version !== 1) throw reader.bad(`version ${version}`);
  const blob = reader.string();
  const namespace = reader.text();
  if (namespace === '') throw reader.bad('it names no purpose');
  // Verifiers are to ignore what stands here; it is no part of what is signed.
  reader.string();
  const hash = reader.text();
  if (hash !== 'sha256' && hash !== 'sha512') throw reader.bad(`made over ${hash.slice(0, 40)}`);
  const signature = reader.string();
  reader.end();
  return { key: readSshKey(blob, 'ATTEST_BUNDLE'), namespace, hash, signature };
}

function dearmoured(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, SIGNATURE_FILE_MAX));
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  while (lines.at(-1) === '') lines.pop();
  if (lines[0] !== BEGIN || lines.at(-1) !== END || bytes.length > SIGNATURE_FILE_MAX) {
    throw new AppError('ATTEST_BUNDLE', { why: 'its first or last line is another' });
  }
  const blob = strictBase64(lines.slice(1, -1).join(''));
  if (blob === null) throw new AppError('ATTEST_BUNDLE', { why: 'base64 that does not decode' });
  return blob;
}

/** What was signed instead of the file. @param digest of the file */
export function sshSignedData({ namespace, hash }: SshSig, digest: Uint8Array): Uint8Array {
  return joined([MAGIC, sshString(namespace), sshString(''), sshString(hash), sshString(digest)]);
}

/** The files a person gave as keys, each as what it is: a PEM key, a minisign or signify key, OpenSSH keys, allowed signers. */
import { pemBlocks, pemOrDer } from '../../../crypto/pem.ts';
import { parsePublicKey, type PublicKey } from '../../../crypto/public-key.ts';
import { pkcs1Spki } from '../../../crypto/spki.ts';
import { readSshLine, type SshKey } from '../../../crypto/ssh-key.ts';
import { AppError, toErrorData } from '../../../errors.ts';
import { CLAIM_FILE_MAX, GIVEN_KEYS_MAX } from '../../../limits.ts';
import type { TrustOrigin } from '../attestation.ts';
import type { Supplied } from '../kind.ts';
import { readAllowedSigners, type AllowedSigner } from './allowed-signers.ts';
import { readCommentFile, readNumbered, startsLikeOne } from './comment-file.ts';

export type GivenKey =
  | { readonly form: 'pem'; readonly key: PublicKey; readonly origin: TrustOrigin }
  /** minisign and signify share one form of public key. `number`: 8 bytes, hex as they stand in the file. */
  | { readonly form: 'numbered'; readonly number: string; readonly point: Uint8Array; readonly origin: TrustOrigin }
  | { readonly form: 'ssh'; readonly key: SshKey; readonly origin: TrustOrigin }
  | { readonly form: 'allowed-signer'; readonly signer: AllowedSigner; readonly origin: TrustOrigin };

export type KeyForm = GivenKey['form'];

/** What a file is called when it is a key of another form than the one asked for. */
const TITLES: Readonly<Record<KeyForm, string>> = {
  pem: 'it is a PEM key',
  numbered: 'it is a minisign or signify key',
  ssh: 'it is an OpenSSH key',
  'allowed-signer': 'it is a list of allowed signers',
};

/**
 * The given keys of the forms a signature can be checked with.
 *
 * @param wants what to give instead, for the words: `the publisher’s minisign key`
 * @throws AppError ATTEST_NO_KEY: nothing was given; ATTEST_NO_USABLE_KEY {name, why, wants}: nothing given is such a key
 */
export function keysOf<F extends KeyForm>(
  given: readonly Supplied[],
  forms: readonly F[],
  wants: string,
): readonly (GivenKey & { readonly form: F })[] {
  if (given.length === 0) throw new AppError('ATTEST_NO_KEY', { wants });
  const found: (GivenKey & { readonly form: F })[] = [];
  let unusable: AppError | undefined;
  const isWanted = (key: GivenKey): key is GivenKey & { readonly form: F } =>
    (forms as readonly KeyForm[]).includes(key.form);
  for (const supplied of given) {
    const { name } = supplied.origin;
    try {
      const keys = readGivenKeys(supplied);
      const wanted = keys.filter(isWanted);
      if (wanted.length === 0)
        unusable ??= new AppError('ATTEST_NO_USABLE_KEY', { name, why: TITLES[keys[0]!.form], wants });
      if (found.length + wanted.length > GIVEN_KEYS_MAX) break;
      found.push(...wanted);
    } catch (error) {
      unusable ??= unusableKey(name, error, wants);
    }
  }
  if (found.length === 0) throw unusable ?? new AppError('ATTEST_NO_KEY', { wants });
  return found;
}

/** What a person supplied cannot speak against a signature: the reason names the file. */
export function unusableKey(name: string, error: unknown, wants: string): AppError {
  const { code, detail } = toErrorData(error);
  const why = String(detail['why'] ?? detail['what'] ?? code.replace(/^ATTEST_/, '').toLowerCase());
  return new AppError('ATTEST_NO_USABLE_KEY', { name, why, wants }, error);
}

/** @throws AppError ATTEST_KEY {why}, ATTEST_DER, ATTEST_NO_VERIFIER */
export function readGivenKeys({ bytes, origin }: Supplied): readonly GivenKey[] {
  if (bytes.length > CLAIM_FILE_MAX) throw new AppError('ATTEST_KEY', { why: 'it is too large' });
  if (startsLikeOne(bytes)) return [numbered(readCommentFile(bytes, 32, 'ATTEST_KEY'), origin)];
  const text = new TextDecoder().decode(bytes);
  if (text.includes('-----BEGIN ')) return pemKeys(text, origin);
  const bare = text.trim();
  // minisign takes its key as this one line too.
  if (/^[A-Za-z0-9+/]{56}$/.test(bare)) return [numbered(readNumbered(bare, 32, 'ATTEST_KEY'), origin)];
  const ssh = bare.includes('\n') ? null : readSshLine(bare);
  if (ssh !== null) return [{ form: 'ssh', key: ssh.key, origin }];
  if (bytes[0] === 0x30)
    return pemOrDer(bytes, 'PUBLIC KEY').map((der) => ({ form: 'pem', key: parsePublicKey(der), origin }));
  const lines = sshLines(bare);
  if (lines !== null) return lines.map((key) => ({ form: 'ssh', key, origin }));
  const signers = readAllowedSigners(text);
  if (signers.length > 0) return signers.map((signer) => ({ form: 'allowed-signer', signer, origin }));
  throw new AppError('ATTEST_KEY', { why: 'no key in it' });
}

function numbered({ algorithm, keyNumber, body }: ReturnType<typeof readNumbered>, origin: TrustOrigin): GivenKey {
  if (algorithm !== 'Ed') throw new AppError('ATTEST_KEY', { why: 'it is no Ed25519 key' });
  return { form: 'numbered', number: keyNumber, point: body, origin };
}

/** `.pub` files of OpenSSH one after the other; null when some line is none. */
function sshLines(text: string): readonly SshKey[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0 || lines.length > GIVEN_KEYS_MAX) return null;
  const keys: SshKey[] = [];
  for (const line of lines) {
    const found = readSshLine(line);
    if (found === null) return null;
    keys.push(found.key);
  }
  return keys;
}

function pemKeys(text: string, origin: TrustOrigin): readonly GivenKey[] {
  const blocks = pemBlocks(text);
  const found = blocks.flatMap(({ label, der }): GivenKey[] => {
    if (label === 'PUBLIC KEY') return [{ form: 'pem', key: parsePublicKey(der), origin }];
    if (label === 'RSA PUBLIC KEY') return [{ form: 'pem', key: parsePublicKey(pkcs1Spki(der)), origin }];
    return [];
  });
  if (found.length > 0) return found;
  const label = blocks[0]?.label ?? /-----BEGIN ([A-Z0-9 ]{1,60})-----/.exec(text)?.[1] ?? '';
  throw new AppError('ATTEST_KEY', { why: label === '' ? 'no key in it' : `${label} instead of PUBLIC KEY` });
}

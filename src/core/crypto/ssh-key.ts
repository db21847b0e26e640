/**
 * Public keys of OpenSSH and signatures by them: RFC 4253 section 6.6, RFC 5656, RFC 8332, RFC 8709, and PROTOCOL.u2f of
 * OpenSSH for keys that live in a security key.
 */
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { sha256 } from './digest.ts';
import { CURVE_BYTES, parsePublicKey, verifySignature, type Curve, type Hash, type PublicKey } from './public-key.ts';
import { ecdsaDer, ecSpki, ed25519Spki, rsaSpki } from './spki.ts';
import { SshReader } from './ssh-wire.ts';

export interface SshKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, `sk-ssh-ed25519@openssh.com` … */
  readonly type: string;
  /** As it stands in files and signatures; equal exactly when the keys are. */
  readonly blob: Uint8Array;
  readonly key: PublicKey;
  /** Of a security key: what it was made for, `ssh:` unless its owner chose another. */
  readonly application?: Uint8Array;
}

/** What a security key says about one use of it. */
interface SecurityKeyUse {
  /** Somebody touched it. */
  readonly present: boolean;
  readonly counter: number;
}

const SECURITY = 'sk-';
const CURVES: Readonly<Record<string, Curve>> = { nistp256: 'P-256', nistp384: 'P-384', nistp521: 'P-521' };

/**
 * @param code thrown when the key is malformed
 * @throws AppError `code` {why}; ATTEST_NO_VERIFIER {what} for certificates and types that are not read; ATTEST_KEY, ATTEST_DER
 */
export function readSshKey(blob: Uint8Array, code: ErrorCode): SshKey {
  const reader = new SshReader(blob, code);
  const type = reader.text();
  const key = keyOf(type, reader);
  const application = type.startsWith(SECURITY) ? reader.string() : undefined;
  reader.end();
  return { type, blob, key: parsePublicKey(key), ...(application === undefined ? {} : { application }) };
}

function keyOf(type: string, reader: SshReader): Uint8Array {
  switch (type) {
    case 'ssh-ed25519':
    case 'sk-ssh-ed25519@openssh.com': {
      const point = reader.string();
      if (point.length !== 32) throw reader.bad('its point is not of 32 bytes');
      return ed25519Spki(point);
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const name = reader.text();
      if (!type.replace('@openssh.com', '').endsWith(`-${name}`)) throw reader.bad('it names two curves');
      return ecSpki(CURVES[name]!, reader.string());
    }
    case 'ssh-rsa': {
      const exponent = reader.positive();
      return rsaSpki(reader.positive(), exponent);
    }
    default:
      throw new AppError('ATTEST_NO_VERIFIER', {
        what: type.includes('-cert-') ? 'SSH certificates' : `SSH keys of type ${type.slice(0, 60)}`,
      });
  }
}

/**
 * One line of a `.pub` file: type, base64, comment.
 *
 * @returns null when it is no such line
 * @throws AppError as `readSshKey`, with ATTEST_KEY
 */
export function readSshLine(line: string): { readonly key: SshKey; readonly comment: string } | null {
  const found = /^((?:sk-)?(?:ssh|ecdsa)-[A-Za-z0-9@.-]{1,60})[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+(.*))?$/s.exec(
    line.trim(),
  );
  if (found === null) return null;
  const [, type = '', text = '', comment = ''] = found;
  let blob: Uint8Array;
  try {
    blob = fromBase64(text);
  } catch (error) {
    throw new AppError('ATTEST_KEY', { why: 'base64' }, error);
  }
  const key = readSshKey(blob, 'ATTEST_KEY');
  if (key.type !== type) throw new AppError('ATTEST_KEY', { why: 'it names two types' });
  return { key, comment };
}

/** As `ssh-keygen -l` prints it. */
export async function sshFingerprint({ blob }: SshKey): Promise<string> {
  return `SHA256:${toBase64(await sha256(blob)).replace(/=+$/, '')}`;
}

/**
 * Whether a signature blob is by a key over these bytes.
 *
 * @returns null when it is not; otherwise what a security key says of this use, if it is one
 * @throws AppError ATTEST_BUNDLE {why}: malformed, or made in a way that is refused (SHA-1)
 */
export async function sshHolds(
  key: SshKey,
  blob: Uint8Array,
  data: Uint8Array,
): Promise<{ readonly use?: SecurityKeyUse } | null> {
  const reader = new SshReader(blob, 'ATTEST_BUNDLE');
  const algorithm = reader.text();
  const signature = reader.string();
  if (key.application === undefined) {
    reader.end();
    return (await holds(key, algorithm, signature, data)) ? {} : null;
  }
  const flags = reader.u8();
  const counter = reader.u32();
  reader.end();
  const tail = new DataView(new ArrayBuffer(5));
  tail.setUint8(0, flags);
  tail.setUint32(1, counter);
  const parts = [await sha256(key.application), new Uint8Array(tail.buffer), await sha256(data)];
  const signed = Uint8Array.from(parts.flatMap((part) => [...part]));
  if (!(await holds(key, algorithm, signature, signed))) return null;
  return { use: { present: flags % 2 === 1, counter } };
}

async function holds(
  { type, key }: SshKey,
  algorithm: string,
  signature: Uint8Array,
  data: Uint8Array,
): Promise<boolean> {
  if (key.type === 'rsa') {
    const hash = ({ 'rsa-sha2-256': 'SHA-256', 'rsa-sha2-512': 'SHA-512' } as Readonly<Record<string, Hash>>)[
      algorithm
    ];
    if (hash === undefined) throw refused(algorithm);
    if (signature.length > key.rsa.size) return false;
    // RFC 8332 section 3: some signers drop leading zeros.
    const padded = new Uint8Array(key.rsa.size);
    padded.set(signature, padded.length - signature.length);
    return verifySignature(key, data, padded, { hash });
  }
  if (algorithm !== type) throw refused(algorithm);
  if (key.type === 'ed25519') {
    const { isEd25519Key } = await import('./ed25519-stream.ts');
    return isEd25519Key(key.point) && verifySignature(key, data, signature);
  }
  const numbers = new SshReader(signature, 'ATTEST_BUNDLE');
  const [r, s] = [numbers.positive(), numbers.positive()];
  numbers.end();
  if (r.length > CURVE_BYTES[key.curve] || s.length > CURVE_BYTES[key.curve]) return false;
  return verifySignature(key, data, ecdsaDer(r, s));
}

function refused(algorithm: string): AppError {
  return new AppError('ATTEST_BUNDLE', { why: `a signature made with ${algorithm.slice(0, 60)} does not count` });
}

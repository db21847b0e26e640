/**
 * OpenPGP signatures (RFC 9580): recognised and described, never checked. The one library that would fit a browser is under
 * the LGPL; the report gives the command that checks them instead. Text inside a clear-signed file stays unsigned text.
 */
import { AppError } from '../../../errors.ts';
import { CLAIM_BUNDLE_MAX, SIGNATURE_FILE_MAX } from '../../../limits.ts';
import type { Attestation } from '../attestation.ts';
import type { AttestationInput, AttestationKind } from '../kind.ts';
import { Steps } from '../steps.ts';
import { fileOrReason, finished, uncovered } from './finish.ts';
import { strictBase64 } from './comment-file.ts';
import { readPackets, type PgpSignature } from './openpgp-packets.ts';
import { findSignedFile } from './signed-file.ts';

const TITLE = 'OpenPGP signatures';
/** Characters of a name or command that are shown in one piece. */
const COMMAND_MAX = 120;

export const OPENPGP: AttestationKind = {
  id: 'openpgp',
  title: TITLE,
  names: /\.(?:asc|gpg|sig|sign)$/i,
  recognises: (path, bytes) => {
    const form = formOf(bytes);
    return form === 'binary' ? OPENPGP.names.test(path) && reads(bytes) : form !== null;
  },
  examine: async (input) => {
    // A public key beside a model is no statement about it.
    return formOf(input.bytes) === 'key' ? [] : [await examine(input)];
  },
};

type Form = 'armoured' | 'clear-signed' | 'key' | 'binary';

const HEADERS: readonly (readonly [string, Form])[] = [
  ['-----BEGIN PGP SIGNATURE-----', 'armoured'],
  ['-----BEGIN PGP MESSAGE-----', 'armoured'],
  ['-----BEGIN PGP SIGNED MESSAGE-----', 'clear-signed'],
  ['-----BEGIN PGP PUBLIC KEY BLOCK-----', 'key'],
];

function formOf(bytes: Uint8Array): Form | null {
  if (bytes.length > CLAIM_BUNDLE_MAX) return null;
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200)).trimStart();
  const armour = HEADERS.find(([header]) => start.startsWith(header));
  if (armour !== undefined) return armour[1];
  return (bytes[0] ?? 0) >= 0x80 ? 'binary' : null;
}

function reads(bytes: Uint8Array): boolean {
  try {
    readPackets(bytes);
    return true;
  } catch {
    return false;
  }
}

interface Described {
  readonly form: 'detached' | 'message' | 'clear-signed';
  readonly signatures: readonly PgpSignature[];
}

/** @throws AppError ATTEST_BUNDLE {why} */
export function readOpenPgp(bytes: Uint8Array): Described {
  const form = formOf(bytes);
  if (form === 'binary') return readPackets(bytes);
  const text = new TextDecoder('latin1').decode(bytes).replaceAll('\r\n', '\n');
  if (form === 'clear-signed') {
    const at = text.lastIndexOf('\n-----BEGIN PGP SIGNATURE-----');
    if (at === -1) throw new AppError('ATTEST_BUNDLE', { why: 'there is no signature after the text' });
    const content = readPackets(dearmoured(text.slice(at + 1), 'SIGNATURE'));
    if (content.form !== 'detached')
      throw new AppError('ATTEST_BUNDLE', { why: 'what follows the text is no signature' });
    return { form: 'clear-signed', signatures: content.signatures };
  }
  return readPackets(dearmoured(text, text.trimStart().startsWith('-----BEGIN PGP MESSAGE') ? 'MESSAGE' : 'SIGNATURE'));
}

/** Section 6.2: headers, an empty line, base64, a checksum that need not be there and is not relied on, the last line. */
function dearmoured(text: string, label: string): Uint8Array {
  const bad = (why: string): AppError => new AppError('ATTEST_BUNDLE', { why });
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trimEnd());
  if (lines[0] !== `-----BEGIN PGP ${label}-----` || lines.at(-1) !== `-----END PGP ${label}-----`) {
    throw bad('its first or last line is another');
  }
  const blank = lines.indexOf('');
  if (blank === -1 || lines.slice(1, blank).some((line) => !/^[A-Za-z][A-Za-z0-9-]{0,40}: /.test(line))) {
    throw bad('its header is malformed');
  }
  const body = lines.slice(blank + 1, -1);
  if (/^=[A-Za-z0-9+/]{4}$/.test(body.at(-1) ?? '')) body.pop();
  const bytes = strictBase64(body.join(''));
  if (bytes === null || (label === 'SIGNATURE' && bytes.length > SIGNATURE_FILE_MAX))
    throw bad('base64 that does not decode');
  return bytes;
}

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Record<string, string | number> = {};
  const read = await steps.run(
    'bundle',
    () => readOpenPgp(input.bytes),
    (content) => ({ detail: described(content) }),
  );
  if (read === null) return finished('openpgp', input, steps, { files: [], warnings: [], facts });
  Object.assign(facts, described(read));
  const { file } =
    read.form === 'detached'
      ? await fileOrReason(() => findSignedFile(input, ['.asc', '.gpg', '.sig', '.sign']))
      : { file: null };
  const about = file?.sure === true ? ` ${quoted(nameOf(file.path))}` : read.form === 'detached' ? ' FILE' : '';
  const whole = `gpg --verify ${quoted(nameOf(input.path))}${about}`;
  // A command that would be cut, or shown with other characters than it has, is not given.
  const command = whole.length > COMMAND_MAX || /\p{C}/u.test(whole) ? 'gpg --verify SIGNATURE FILE' : whole;
  facts['command'] = command;
  steps.unchecked('signature', { code: 'ATTEST_NO_VERIFIER', detail: { what: TITLE, command } });
  return finished('openpgp', input, steps, { files: uncovered(input, file, steps), warnings: [], facts });
}

/** What the first signature says of itself; none of it is established. */
function described({ form, signatures }: Described): Readonly<Record<string, string | number>> {
  const [first] = signatures;
  if (first === undefined) return { form };
  const { algorithm, hash, type, issuer, created } = first;
  return {
    form,
    signatures: signatures.length,
    over: type === 1 ? 'text, line ends aside' : 'bytes',
    method: `${algorithm} over ${hash}`,
    ...(issuer === undefined ? {} : { claimedKey: issuer }),
    ...(created === undefined ? {} : { claimedTime: created }),
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** As one word of a POSIX shell, whatever the name holds, and never as an option. */
export function quoted(name: string): string {
  const safe = name.startsWith('-') ? `./${name}` : name;
  return /^[A-Za-z0-9._/+@%,:=-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", String.raw`'\''`)}'`;
}

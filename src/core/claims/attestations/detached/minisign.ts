/**
 * minisign (jedisct1.github.io/minisign): four lines; `ED` is Ed25519 over the BLAKE2b-512 of the file, `Ed`, the older
 * form, over the file itself. A second signature binds a comment to the first one.
 */
import { AppError } from '../../../errors.ts';
import { SIGNATURE_FILE_MAX, TRUSTED_COMMENT_MAX } from '../../../limits.ts';
import type { Attestation, CoveredFile, Signer, Warning } from '../attestation.ts';
import { joined } from '../dsse.ts';
import type { AttestationInput, AttestationKind } from '../kind.ts';
import { Steps } from '../steps.ts';
import {
  lineAt,
  rawBytes,
  readCommentFile,
  startsLikeOne,
  strictBase64,
  utf8,
  type CommentFile,
} from './comment-file.ts';
import { covered, fileOrReason, finished, keySigner, uncovered } from './finish.ts';
import { chooseNumbered, type NumberedKey } from './numbered-key.ts';
import { findSignedFile, requireHolds, type SignedFile } from './signed-file.ts';

const TRUSTED = 'trusted comment: ';

export const MINISIGN: AttestationKind = {
  id: 'minisign',
  title: 'minisign signatures',
  names: /\.(?:minisig|sig)$/i,
  recognises: (_, bytes) => bytes.length <= SIGNATURE_FILE_MAX && looksLikeOne(bytes),
  namedAfter: true,
  // The older form is over the file itself, for which no digest helps.
  wants: (bytes) => (algorithmOf(bytes) === 'Ed' ? [] : ['blake2b']),
  examine: async (input) => [await examine(input)],
};

interface Minisig extends CommentFile {
  /** As it is signed. */
  readonly trusted: Uint8Array;
  readonly global: Uint8Array;
}

/** Two lines are signify's; the third is what only minisign has. */
function looksLikeOne(bytes: Uint8Array): boolean {
  if (!startsLikeOne(bytes)) return false;
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, SIGNATURE_FILE_MAX));
  return text.split('\n', 3)[2]?.startsWith(TRUSTED) ?? false;
}

function algorithmOf(bytes: Uint8Array): string | null {
  try {
    return readMinisig(bytes).algorithm;
  } catch {
    return null;
  }
}

/** @throws AppError ATTEST_BUNDLE {why} */
export function readMinisig(bytes: Uint8Array): Minisig {
  const bad = (why: string): AppError => new AppError('ATTEST_BUNDLE', { why });
  const file = readCommentFile(bytes, 64, 'ATTEST_BUNDLE');
  if (file.algorithm !== 'Ed' && file.algorithm !== 'ED') throw bad('its algorithm is not known');
  const third = lineAt(bytes, file.next, TRUSTED_COMMENT_MAX);
  if (!third?.text.startsWith(TRUSTED)) throw bad('there is no trusted comment');
  const fourth = lineAt(bytes, third.next, 200);
  const global = fourth === null ? null : strictBase64(fourth.text);
  if (global?.length !== 64) throw bad('its last line is not 64 bytes in base64');
  // The tool reads no further; here nothing may hide behind what was signed.
  if (fourth!.next < bytes.length) throw bad('lines follow its end');
  return { ...file, trusted: rawBytes(third.text.slice(TRUSTED.length)), global };
}

/** As minisign prints it: a little-endian number, upper-case. */
function shownId(keyNumber: string): string {
  return (keyNumber.match(/../g) ?? []).reverse().join('').toUpperCase();
}

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Record<string, string> = {};
  let files: readonly CoveredFile[] = [];
  let warnings: readonly Warning[] = [];
  let signer: Signer | undefined;
  const sig = await steps.run(
    'bundle',
    () => readMinisig(input.bytes),
    ({ algorithm, comment }) => ({ detail: { method: METHODS[algorithm]!, unsignedComment: comment } }),
  );
  if (sig !== null) {
    facts['keyId'] = shownId(sig.keyNumber);
    facts['untrustedComment'] = sig.comment;
    const key = await steps.run(
      'material',
      () =>
        chooseNumbered(input.expect.keys, sig.keyNumber, shownId(sig.keyNumber), 'the publisher’s minisign key (.pub)'),
      ({ origin }) => ({ trust: origin, detail: { keyId: shownId(sig.keyNumber) } }),
    );
    const trusted = key === null ? null : await trustedComment(sig, key, input);
    const name = trusted === null ? undefined : nameIn(trusted);
    const { file, reason } = await fileOrReason(() => findSignedFile(input, ['.minisig', '.sig'], name));
    if (key !== null) {
      if (file === null) steps.unchecked('signature', reason);
      else {
        await steps.run(
          'signature',
          () => requireHolds(file, () => holds(sig, key, file, input)),
          () => ({ trust: key.origin }),
        );
      }
      await steps.run(
        'comment',
        () => {
          if (trusted === null) throw new AppError('ATTEST_COMMENT');
        },
        () => ({ detail: { signedComment: trusted! }, trust: key.origin }),
      );
      if (trusted !== null && steps.failed === null) facts['trustedComment'] = trusted;
    }
    if (key !== null && file !== null && steps.list().every(({ outcome }) => outcome === 'matches')) {
      signer = await keySigner(key.origin.name, key.spki);
      ({ files, warnings } = await covered(input, steps, file));
      const own = file.path.slice(file.path.lastIndexOf('/') + 1);
      if (name !== undefined && name !== own) warnings = [...warnings, { code: 'other-name', detail: { name } }];
    } else files = uncovered(input, file, steps);
  }
  return finished('minisign', input, steps, { ...(signer === undefined ? {} : { signer }), files, warnings, facts });
}

const METHODS: Readonly<Record<string, string>> = { ED: 'Ed25519 over BLAKE2b-512', Ed: 'Ed25519 over the file' };

/** The comment when the signer signed it together with this signature; null otherwise. */
async function trustedComment(
  sig: Minisig,
  { point }: NumberedKey,
  { hashes }: AttestationInput,
): Promise<string | null> {
  const { ed25519Holds } = await import('../../../crypto/ed25519-stream.ts');
  const text = joined([sig.body, sig.trusted]);
  const held = await ed25519Holds(point, sig.global, () => [text], text.length, hashes);
  return held ? utf8(new TextDecoder('latin1').decode(sig.trusted)) : null;
}

async function holds(
  { algorithm, body }: Minisig,
  { point }: NumberedKey,
  file: SignedFile,
  { hashes }: AttestationInput,
): Promise<boolean> {
  const { ed25519Holds } = await import('../../../crypto/ed25519-stream.ts');
  if (algorithm === 'Ed') return ed25519Holds(point, body, () => file.stream(), file.size, hashes);
  const digest = await file.digest('blake2b');
  return ed25519Holds(point, body, () => [digest], digest.length, hashes);
}

/** `timestamp:1700000000	file:model.gguf	hashed`, which minisign writes unless told otherwise. */
function nameIn(comment: string): string | undefined {
  const name = /(?:^|\t)file:([^\t]{1,1024})(?:\t|$)/.exec(comment)?.[1];
  return name === undefined || /[/\\]/.test(name) ? undefined : name;
}

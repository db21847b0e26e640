/**
 * OpenBSD's signify(1): two lines, Ed25519 over the file itself. With `-e` the signed text follows the two lines, which is
 * how checksum lists are published (`SHA256.sig`).
 */
import { AppError } from '../../../errors.ts';
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import { toHex } from '../../../bytes/hex.ts';
import { claimText } from '../../lines.ts';
import { parseSums } from '../../sums.ts';
import type { Attestation, CoveredFile, Signer, Warning } from '../attestation.ts';
import type { AttestationInput, AttestationKind } from '../kind.ts';
import { Steps } from '../steps.ts';
import { readCommentFile, startsLikeOne, type CommentFile } from './comment-file.ts';
import { covered, fileOrReason, finished, keySigner, uncovered } from './finish.ts';
import { chooseNumbered, type NumberedKey } from './numbered-key.ts';
import { findSignedFile, inMemory, requireHolds, type SignedFile } from './signed-file.ts';
import { checkSignedList, isList, withinBase, type Listed } from './signed-list.ts';

const WANTS = 'the publisher’s signify key (.pub)';

export const SIGNIFY: AttestationKind = {
  id: 'signify',
  title: 'signify signatures',
  names: /\.sig$/i,
  recognises: (_, bytes) => bytes.length <= CLAIM_BUNDLE_MAX && startsLikeOne(bytes),
  wants: listedAlgorithms,
  examine: async (input) => [await examine(input)],
};

interface Signify extends CommentFile {
  /** The signed text, when it follows the signature. */
  readonly message?: Uint8Array;
}

/** @throws AppError ATTEST_BUNDLE {why} */
export function readSignify(bytes: Uint8Array): Signify {
  const file = readCommentFile(bytes, 64, 'ATTEST_BUNDLE');
  if (file.algorithm !== 'Ed') throw new AppError('ATTEST_BUNDLE', { why: 'its algorithm is not known' });
  const message = bytes.subarray(file.next);
  return { ...file, ...(message.length === 0 ? {} : { message }) };
}

/** What an embedded list states digests in, before anything of it is believed. */
function listedAlgorithms(bytes: Uint8Array): readonly Algorithm[] {
  try {
    const { message } = readSignify(bytes);
    if (message === undefined) return [];
    const source = { kind: 'sums', name: '', independent: false };
    const { statements } = parseSums(claimText(message, ''), { name: '', source });
    return [...new Set(statements.map(({ algorithm }) => algorithm))].filter((one) => one !== 'sha256');
  } catch {
    return [];
  }
}

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Record<string, string> = {};
  let files: readonly CoveredFile[] = [];
  let warnings: readonly Warning[] = [];
  let signer: Signer | undefined;
  const sig = await steps.run(
    'bundle',
    () => readSignify(input.bytes),
    ({ message, comment }) => ({
      detail: {
        method: message === undefined ? 'Ed25519 over the file' : 'Ed25519 over the text that follows',
        unsignedComment: comment,
      },
    }),
  );
  if (sig !== null) {
    facts['keyId'] = sig.keyNumber;
    facts['untrustedComment'] = sig.comment;
    const key = await steps.run(
      'material',
      () => chooseNumbered(input.expect.keys, sig.keyNumber, sig.keyNumber, WANTS),
      ({ origin }) => ({ trust: origin, detail: { keyId: sig.keyNumber } }),
    );
    const { file, reason } = await signedBy(sig, input);
    if (key !== null && file === null) steps.unchecked('signature', reason);
    if (key !== null && file !== null) {
      await steps.run(
        'signature',
        () => requireHolds(file, () => holds(sig, key, file, input)),
        () => ({ trust: key.origin }),
      );
      if (steps.list().every(({ outcome }) => outcome === 'matches')) {
        signer = await keySigner(key.origin.name, key.spki);
        ({ files, warnings } =
          sig.message === undefined ? await covered(input, steps, file) : await embedded(sig.message, input, steps));
      }
    }
    if (files.length === 0 && sig.message === undefined) files = uncovered(input, file, steps);
  }
  return finished('signify', input, steps, { ...(signer === undefined ? {} : { signer }), files, warnings, facts });
}

async function signedBy(sig: Signify, input: AttestationInput): ReturnType<typeof fileOrReason> {
  const { message } = sig;
  if (message === undefined) return fileOrReason(() => findSignedFile(input, ['.sig']));
  return { file: { path: input.path, size: message.length, sure: true, ...inMemory(message, input.hashes) } };
}

async function holds(
  { body }: Signify,
  { point }: NumberedKey,
  file: SignedFile,
  { hashes }: AttestationInput,
): Promise<boolean> {
  const { ed25519Holds } = await import('../../../crypto/ed25519-stream.ts');
  return ed25519Holds(point, body, () => file.stream(), file.size, hashes);
}

/** The text after a signature: a list of files, or what the file beside it must be. */
async function embedded(message: Uint8Array, input: AttestationInput, steps: Steps): Promise<Listed> {
  if (isList(message, input.path)) return checkSignedList(input, steps, input.path, message);
  const path = input.path.replace(/\.sig$/i, '');
  const file = input.folder.files.find((one) => one.path === path && path !== input.path);
  if (file === undefined) {
    steps.unchecked('files', { code: 'ATTEST_NO_FILE', detail: { path } });
    return { files: [], warnings: [] };
  }
  const expected = toHex(await inMemory(message, input.hashes).digest('sha256'));
  const actual = await input.folder.digest(path, 'sha256');
  const same = actual === expected;
  if (same) steps.matches('files', { detail: { same: 1 } });
  else steps.contradicts('files', 'ATTEST_FILES', { changed: 1 });
  const row: CoveredFile = {
    path: withinBase(path, input.path),
    state: same ? 'same' : 'changed',
    algorithm: 'sha256',
    expected,
    actual,
  };
  return { files: [row], warnings: [] };
}

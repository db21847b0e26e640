/** The file a detached signature is over: which one it is, and its bytes as signature and list are to see them. */
import { fromHex } from '../../../bytes/hex.ts';
import { AppError } from '../../../errors.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import { CLAIM_FILE_MAX } from '../../../limits.ts';
import { isSumsName } from '../../sums.ts';
import type { AttestationInput } from '../kind.ts';

/** Signatures and keys, which nobody signs beside a model: never taken for the one file that is meant. */
const NO_CONTENT = /\.(?:asc|gpg|minisig|pub|sig|sign|sigstore|sigstore\.json)$/i;

export interface SignedFile {
  readonly path: string;
  readonly size: number;
  /** False: only by being the one other file here. That the signature is not over it then says nothing. */
  readonly sure: boolean;
  /** A checksum list, whole: what is verified and what is read of it are the same bytes. */
  readonly list?: Uint8Array;
  digest(algorithm: Algorithm): Promise<Uint8Array>;
  stream(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/**
 * By its name without an ending; by a name that the signer signed; as the only other file here.
 *
 * @param endings of signatures of this form, longest first, with their dots
 * @param signedName a file name out of a comment whose signature holds
 * @throws AppError ATTEST_NO_SIGNED_FILE {path}, SOURCE_*
 */
export async function findSignedFile(
  input: AttestationInput,
  endings: readonly string[],
  signedName?: string,
): Promise<SignedFile> {
  const { path, folder } = input;
  const lower = path.toLowerCase();
  const others = folder.files.filter((file) => file.path !== path);
  const stems = endings.filter((ending) => lower.endsWith(ending)).map((ending) => path.slice(0, -ending.length));
  const beside = path.slice(0, path.lastIndexOf('/') + 1);
  const names = signedName === undefined ? stems : [...stems, beside + signedName];
  for (const name of names) {
    const file = others.find((other) => other.path === name);
    if (file !== undefined) return opened(input, file, true);
  }
  const content = others.filter((other) => !NO_CONTENT.test(other.path));
  if (content.length === 1) return opened(input, content[0]!, false);
  throw new AppError('ATTEST_NO_SIGNED_FILE', { path: stems[0] ?? path });
}

async function opened(
  { folder, hashes }: AttestationInput,
  { path, size }: { readonly path: string; readonly size: number },
  sure: boolean,
): Promise<SignedFile> {
  if (isSumsName(path) && size <= CLAIM_FILE_MAX) {
    const list = await folder.read(path, CLAIM_FILE_MAX);
    return { path, size: list.length, sure, list, ...inMemory(list, hashes) };
  }
  return {
    path,
    size,
    sure,
    digest: async (algorithm) => fromHex(await folder.digest(path, algorithm)),
    stream: () => folder.stream(path),
  };
}

/** Bytes that are at hand, as a signed file has them. */
export function inMemory(bytes: Uint8Array, hashes: AttestationInput['hashes']): Pick<SignedFile, 'digest' | 'stream'> {
  return {
    async digest(algorithm) {
      const hasher = await hashes.create(algorithm, bytes.length);
      hasher.update(bytes);
      return fromHex(hasher.digest());
    },
    stream: () => [bytes],
  };
}

/** Whether a signature holds over the file. @throws AppError ATTEST_SIGNATURE; ATTEST_NO_SIGNED_FILE when it was a guess */
export async function requireHolds(file: SignedFile, holds: () => Promise<boolean>): Promise<void> {
  if (await holds()) return;
  throw file.sure ? new AppError('ATTEST_SIGNATURE') : new AppError('ATTEST_NO_SIGNED_FILE', { path: '' });
}

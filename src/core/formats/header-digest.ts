import type { ByteSource } from '../bytes/source.ts';
import { sha256Hex } from './sha256.ts';

/** Formats whose description is spread over the file vouch for this many bytes at its start. */
const HEADER_BYTES = 64 * 1024;

/** `headerEnd` and `headerSha256` of an artifact without a header of its own: its first bytes. */
export async function leadingDigest(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<{ readonly headerEnd: number; readonly headerSha256: string }> {
  const headerEnd = Math.min(source.size, HEADER_BYTES);
  return { headerEnd, headerSha256: await sha256Hex(await source.read(0, headerEnd, signal)) };
}

import { toHex } from '../bytes/hex.ts';
import type { ByteSource } from '../bytes/source.ts';

/** Formats whose description is spread over the file vouch for this many bytes at its start. */
const HEADER_BYTES = 64 * 1024;

/** `headerEnd` and `headerSha256` of an artifact without a header of its own: its first bytes. */
export async function leadingDigest(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<{ readonly headerEnd: number; readonly headerSha256: string }> {
  const headerEnd = Math.min(source.size, HEADER_BYTES);
  const bytes = await source.read(0, headerEnd, signal);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice()));
  return { headerEnd, headerSha256: toHex(digest) };
}

import { toHex } from '../bytes/hex.ts';

/** SHA-256 of bytes in memory, lower-case hex: native, off this thread. For headers, which are capped. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  // WebCrypto refuses shared memory only, which no ByteSource gives.
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)));
}

import { Inflate } from 'fflate';
import type { ByteSource } from '../../bytes/source.ts';
import { ENTRY_IN_MEMORY_MAX } from '../../limits.ts';
import type { Embedded } from './stream.ts';

/** Unpacked bytes of an embedded value that are looked at. */
const UNPACKED_MAX = 16 * 1024 * 1024;
const STEP = 8 * 1024;

/** The content of an embedded value, unpacked where it is packed; null when there is nothing to look at. */
export async function embeddedBytes(
  embedded: Embedded,
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Uint8Array | null> {
  const { bytes } = embedded;
  let data = bytes.data;
  if (data === null) {
    if (bytes.offset < 0 || bytes.length > ENTRY_IN_MEMORY_MAX) return null;
    data = await source.read(bytes.offset, bytes.offset + bytes.length, signal);
  }
  // Packed in layers: base64 of zlib of a pickle is one line of Python.
  for (let layer = 0; layer < 3; layer += 1) {
    const inner = unpackOnce(data);
    if (inner === null) return data;
    data = inner;
  }
  return data;
}

function unpackOnce(data: Uint8Array): Uint8Array | null {
  const zlib = data.length > 6 && data[0] === 0x78 && (data[0] * 256 + data[1]!) % 31 === 0;
  if (zlib) return inflateSome(data.subarray(2));
  if (data[0] === 0x1f && data[1] === 0x8b && data[2] === 8) {
    const start = gzipHeader(data);
    return start === 0 ? null : inflateSome(data.subarray(start));
  }
  return decodeBase64(data);
}

/** What raw deflate gives, up to the cap, also when it is cut or damaged. */
function inflateSome(packed: Uint8Array): Uint8Array | null {
  const out: Uint8Array[] = [];
  let total = 0;
  const inflater = new Inflate((chunk) => {
    out.push(chunk);
    total += chunk.length;
  });
  try {
    for (let at = 0; at < packed.length; at += STEP) {
      inflater.push(packed.subarray(at, at + STEP), at + STEP >= packed.length);
      if (total >= UNPACKED_MAX) break;
    }
  } catch {
    // What came out before counts.
  }
  if (total === 0) return null;
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of out) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Length of a gzip header (RFC 1952, 2.3), 0 when it runs over the end. */
export function gzipHeader(data: Uint8Array): number {
  const flags = data[3]!;
  let at = 10;
  if ((flags & 4) !== 0) at += 2 + (data[at] ?? 0) + (data[at + 1] ?? 0) * 256;
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = data.indexOf(0, at);
    if (end < 0) return 0;
    at = end + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  return at < data.length ? at : 0;
}

function decodeBase64(data: Uint8Array): Uint8Array | null {
  if (data.length < 16 || data.length > UNPACKED_MAX) return null;
  let text = '';
  for (const byte of data.subarray(0, 64)) text += String.fromCharCode(byte);
  if (!/^[A-Za-z0-9+/=\s_-]+$/.test(text)) return null;
  try {
    const clean = new TextDecoder('latin1').decode(data).replace(/\s/g, '').replace(/-/g, '+').replace(/_/g, '/');
    return Uint8Array.from(atob(clean), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

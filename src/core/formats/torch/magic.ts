/** First bytes of PyTorch's containers: hints for the order of trial, except where the bytes say it for sure. */
import { looksLikeZip } from '../zip/archive.ts';

/** The magic number as LONG1 writes it: ten bytes, little-endian (`torch/serialization.py`, MAGIC_NUMBER). */
const LEGACY = '\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19';

/** The first pickle of a file is the magic number of `torch.save` before 1.6. */
export function looksLikeLegacy(head: Uint8Array): boolean {
  return mentions(head.subarray(0, 64), LEGACY);
}

/** Its first entries show TorchScript code, or it is named so. */
export function looksLikeTorchScript(head: Uint8Array, name: string): boolean {
  return looksLikeZip(head) && (/\.(?:jit|ptl)$/i.test(name) || mentions(head, '/code/__torch__'));
}

/** Its first entry is a weight of an exported program, or it is named so. */
export function looksLikeTorchExport(head: Uint8Array, name: string): boolean {
  return looksLikeZip(head) && (/\.pt2$/i.test(name) || mentions(head.subarray(0, 256), '/data/weights/'));
}

/** gzip says nothing about what is inside; the name has to. */
export function looksLikeTarGzip(head: Uint8Array, name: string): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8 && /\.(?:nemo|tgz|tar\.gz|tar)$/i.test(name);
}

function mentions(head: Uint8Array, text: string): boolean {
  const bytes = Array.from(text, (character) => character.charCodeAt(0));
  for (let at = head.indexOf(bytes[0]!); at >= 0; at = head.indexOf(bytes[0]!, at + 1)) {
    if (bytes.every((byte, i) => head[at + i] === byte)) return true;
  }
  return false;
}

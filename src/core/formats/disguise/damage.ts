/** Damage that a transfer does to a whole file, recognised by what is missing from it. */

/** Line ends before a statement about them is possible: by chance one in 256 follows a CR. */
const LINE_ENDS_MIN = 4;
const SEVEN_BIT_SAMPLE = 256;
const SEVEN_BIT_MIN = 128;
const EDGE = 3;

export function isAllZero(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte === 0);
}

/**
 * True when the end of a file looks like weights whose high bits were cut off: as evenly mixed as weights are, yet not
 * one byte above 127. Of undamaged weights, fewer than one file in 2^128 looks like this; texts lack the control
 * characters, small integers the even mixture.
 */
export function isSevenBit(tail: Uint8Array): boolean {
  let end = tail.length;
  while (end > 0 && tail[end - 1] === 0) end--;
  const sample = tail.subarray(Math.max(0, end - SEVEN_BIT_SAMPLE), end);
  if (sample.length < SEVEN_BIT_MIN || sample.some((byte) => byte >= 0x80)) return false;
  const zeros = sample.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  const distinct = new Set(sample);
  const controls = [...distinct].filter((byte) => byte < 0x20 && byte > 0).length;
  return zeros * 10 <= sample.length && distinct.size >= 64 && controls >= 12;
}

/** True for binary bytes in which every LF follows a CR: a transfer in text mode put one before each. */
export function lineEndsMangled(head: Uint8Array, tail: Uint8Array): boolean {
  let lineEnds = 0;
  for (const bytes of [head, tail]) {
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
      if (at === 0) continue;
      if (bytes[at - 1] !== 0x0d) return false;
      lineEnds++;
    }
    if (bytes === tail) break;
  }
  // Head and tail of a small file are the same bytes, counted twice.
  return lineEnds >= (head === tail ? LINE_ENDS_MIN : 2 * LINE_ENDS_MIN) && head.includes(0);
}

/**
 * True for binary bytes that are valid UTF-8 throughout and hold U+FFFD where no text has one: a tool decoded the file
 * as text and wrote it again. Real binary numbers are valid UTF-8 only by great chance.
 */
export function utf8Mangled(head: Uint8Array, tail: Uint8Array): boolean {
  return head.includes(0) && isUtf8(head) && isUtf8(tail) && (hasStrayReplacement(head) || hasStrayReplacement(tail));
}

/** Valid but for a character cut at either edge. */
export function isUtf8(bytes: Uint8Array): boolean {
  for (let skip = 0; skip <= EDGE; skip++) {
    try {
      // As a stream the decoder waits for the rest of a character at the end.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(skip), { stream: true });
      return true;
    } catch {
      // An edge character begins at most three bytes later.
      if (skip >= bytes.length || (bytes[skip]! & 0xc0) !== 0x80) return false;
    }
  }
  return false;
}

/** U+FFFD (EF BF BD) that is not a string of its own, which vocabularies have: those follow their length, a u64 of 3. */
function hasStrayReplacement(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0xef); at >= 0; at = bytes.indexOf(0xef, at + 1)) {
    if (bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd) continue;
    const length = bytes.subarray(Math.max(0, at - 8), at);
    if (length[0] !== 3 || length.subarray(1).some((byte) => byte !== 0)) return true;
  }
  return false;
}

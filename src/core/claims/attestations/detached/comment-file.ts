/**
 * The two-line files of minisign and signify: an untrusted comment, then base64 of algorithm, key number and key or
 * signature. Line ends may be LF or CR LF, as the tools take them; everything else is as they write it.
 */
import { fromBase64, toBase64 } from '../../../bytes/base64.ts';
import { AppError, type ErrorCode } from '../../../errors.ts';
import { SIGNATURE_COMMENT_MAX } from '../../../limits.ts';

const PREFIX = 'untrusted comment: ';
/** Longest base64 line read: a signature has 100 characters. */
const LINE_MAX = 200;

export interface CommentLine {
  readonly text: string;
  /** Where the next line begins. */
  readonly next: number;
}

/** One line from `at`, without its end; null: no more bytes. The last one may lack its line feed. */
export function lineAt(bytes: Uint8Array, at: number, longest: number): CommentLine | null {
  if (at >= bytes.length) return null;
  const feed = bytes.subarray(at, at + longest + 2).indexOf(0x0a);
  if (feed === -1 && bytes.length - at > longest + 1) return null;
  const end = feed === -1 ? bytes.length : at + feed;
  const text = new TextDecoder('latin1').decode(bytes.subarray(at, end)).replace(/\r$/, '');
  return { text, next: feed === -1 ? bytes.length : end + 1 };
}

/** The untrusted comment and the decoded second line. */
export interface CommentFile {
  readonly comment: string;
  /** `Ed`, `ED`. */
  readonly algorithm: string;
  /** 8 bytes, hex as they stand. */
  readonly keyNumber: string;
  readonly body: Uint8Array;
  readonly next: number;
}

export function startsLikeOne(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, PREFIX.length)) === PREFIX;
}

/**
 * @param length bytes of key or signature: 32 or 64
 * @throws AppError `code` {why}
 */
export function readCommentFile(bytes: Uint8Array, length: number, code: ErrorCode): CommentFile {
  const bad = (why: string): AppError => new AppError(code, { why });
  const first = lineAt(bytes, 0, SIGNATURE_COMMENT_MAX);
  if (first === null || !first.text.startsWith(PREFIX)) throw bad('its first line is no comment');
  const second = lineAt(bytes, first.next, LINE_MAX);
  if (second === null) throw bad('its second line is missing or too long');
  return {
    comment: utf8(first.text.slice(PREFIX.length)),
    next: second.next,
    ...readNumbered(second.text, length, code),
  };
}

/** Algorithm, key number and the rest of one base64 line. @throws AppError `code` {why} */
export function readNumbered(
  text: string,
  length: number,
  code: ErrorCode,
): Pick<CommentFile, 'algorithm' | 'keyNumber' | 'body'> {
  const bytes = strictBase64(text);
  if (bytes?.length !== 10 + length)
    throw new AppError(code, { why: `its second line is not ${10 + length} bytes in base64` });
  return {
    algorithm: String.fromCharCode(bytes[0]!, bytes[1]!),
    keyNumber: [...bytes.subarray(2, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    body: bytes.subarray(10),
  };
}

/** Bytes of base64 in its one spelling; null: it is none. */
export function strictBase64(text: string): Uint8Array | null {
  try {
    const bytes = fromBase64(text);
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** Text that was split as single bytes, as the UTF-8 it is. */
export function utf8(latin1: string): string {
  return new TextDecoder().decode(rawBytes(latin1));
}

export function rawBytes(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, (character) => character.charCodeAt(0));
}

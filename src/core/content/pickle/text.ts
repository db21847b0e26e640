/** Values that protocols 0 and 1 write as text lines. Each function returns null where CPython's reader would raise. */
import { PICKLE_DIGITS_MAX } from '../../limits.ts';
import type { PyNumber } from './value.ts';

/** `INT` and `LONG` arguments: optional sign, decimal or with a 0x/0o/0b prefix, `L` at the end of a long. */
export function parseInteger(line: Uint8Array, long: boolean): number | bigint | boolean | PyNumber | null {
  if (!long && line.length === 2 && line[0] === 0x30) {
    // "00" and "01" are how protocol 1 wrote booleans.
    if (line[1] === 0x30) return false;
    if (line[1] === 0x31) return true;
  }
  if (line.length > PICKLE_DIGITS_MAX + 16) return isDigits(line) ? { kind: 'number', digits: line.length } : null;
  const text = ascii(line)?.trim().replace(/_/g, '');
  const match = /^([+-]?)(0[xob][0-9a-f]+|[0-9]+)L?$/i.exec(text ?? '');
  if (match === null) return null;
  try {
    const value = BigInt(match[2]!);
    return shrink(match[1] === '-' ? -value : value);
  } catch {
    return null;
  }
}

function isDigits(line: Uint8Array): boolean {
  const end = line.at(-1) === 0x4c ? line.length - 1 : line.length;
  for (let i = line[0] === 0x2d || line[0] === 0x2b ? 1 : 0; i < end; i += 1) {
    if (line[i]! < 0x30 || line[i]! > 0x39) return false;
  }
  return true;
}

/** Little-endian two's complement, as LONG1 and LONG4 store it. */
export function decodeLong(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  let hex = '';
  for (let i = bytes.length - 1; i >= 0; i -= 1) hex += bytes[i]!.toString(16).padStart(2, '0');
  return shrink(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)));
}

/** A number where it is exact, otherwise the bigint. */
export function shrink(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** `FLOAT`: what Python's float() takes, without underscores. */
export function parseFloat0(line: Uint8Array): number | null {
  const text = ascii(line)?.trim() ?? '';
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    const value = special[2]!.toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
    return special[1] === '-' ? -value : value;
  }
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

/** `GET` and `PUT`: a decimal index. */
export function parseIndex(line: Uint8Array): number | null {
  const text = ascii(line) ?? '';
  return /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : null;
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  '\\': 0x5c,
  "'": 0x27,
  '"': 0x22,
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/** `STRING`: the repr of a Python 2 `str`, with its quotes; bytes after unescaping. */
export function parseQuoted(line: Uint8Array): Uint8Array | null {
  const quote = line[0];
  if (line.length < 2 || (quote !== 0x27 && quote !== 0x22) || line.at(-1) !== quote) return null;
  const out = new Uint8Array(line.length);
  let length = 0;
  for (let i = 1; i < line.length - 1; i += 1) {
    const byte = line[i]!;
    if (byte !== 0x5c) {
      out[length] = byte;
      length += 1;
      continue;
    }
    i += 1;
    const next = String.fromCharCode(line[i]!);
    const simple = Object.hasOwn(SIMPLE_ESCAPES, next) ? SIMPLE_ESCAPES[next] : undefined;
    if (simple !== undefined) out[length] = simple;
    else if (next === 'x') {
      const hex = ascii(line.subarray(i + 1, i + 3)) ?? '';
      if (!/^[0-9a-f]{2}$/i.test(hex)) return null;
      out[length] = Number.parseInt(hex, 16);
      i += 2;
    } else if (next >= '0' && next <= '7') {
      const octal = /^[0-7]{1,3}/.exec(ascii(line.subarray(i, i + 3)) ?? next)![0];
      out[length] = Number.parseInt(octal, 8) % 256;
      i += octal.length - 1;
    } else {
      // An unknown escape stays as it is written.
      out[length] = 0x5c;
      out[length + 1] = line[i]!;
      length += 1;
    }
    length += 1;
  }
  return out.slice(0, length);
}

/** `UNICODE`: raw-unicode-escape, where only `\uXXXX` and `\UXXXXXXXX` mean something and other bytes are latin-1. */
export function parseRawUnicode(line: Uint8Array): string | null {
  let text = '';
  for (let at = 0; at < line.length; at += 8192) text += String.fromCharCode(...line.subarray(at, at + 8192));
  if (!text.includes('\\')) return text;
  let broken = false;
  const decoded = text.replace(
    /(\\+)(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[uU])?/g,
    (whole, slashes: string, code?: string) => {
      if (code === undefined || slashes.length % 2 === 0) return whole;
      const point = Number.parseInt(code.slice(1), 16);
      if (code.length < 5 || point > 0x10ffff) {
        broken = true;
        return whole;
      }
      return slashes.slice(1) + String.fromCodePoint(point);
    },
  );
  return broken ? null : decoded;
}

/** ASCII text, or null. */
export function ascii(bytes: Uint8Array): string | null {
  let text = '';
  for (const byte of bytes) {
    if (byte > 0x7f) return null;
    text += String.fromCharCode(byte);
  }
  return text;
}

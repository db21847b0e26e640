/** Just enough strict DER (ITU-T X.690) to read keys and ECDSA signatures without a general parser. */
import { AppError } from '../errors.ts';

export interface DerValue {
  /** Identifier octet. */
  readonly tag: number;
  readonly value: Uint8Array;
  /** The whole element, header included. */
  readonly whole: Uint8Array;
}

export const DER_INTEGER = 0x02;
export const DER_BIT_STRING = 0x03;
export const DER_OID = 0x06;
export const DER_SEQUENCE = 0x30;

/**
 * The elements that fill `bytes` exactly. Lengths must be in their shortest form.
 *
 * @throws AppError ATTEST_DER
 */
export function derElements(bytes: Uint8Array): readonly DerValue[] {
  const out: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!;
    // Multi-byte tags do not occur in what is read with this.
    if ((tag & 0x1f) === 0x1f) throw bad('tag', at);
    const { length, header } = derLength(bytes, at + 1);
    const start = at + 1 + header;
    if (start + length > bytes.length) throw bad('length', at);
    out.push({ tag, value: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return out;
}

/** The one element `bytes` consists of. @throws AppError ATTEST_DER */
export function derOne(bytes: Uint8Array, tag: number): Uint8Array {
  const [first, ...rest] = derElements(bytes);
  if (first === undefined || rest.length > 0 || first.tag !== tag) throw bad('structure', 0);
  return first.value;
}

function derLength(bytes: Uint8Array, at: number): { length: number; header: number } {
  const first = bytes[at];
  if (first === undefined) throw bad('length', at);
  if (first < 0x80) return { length: first, header: 1 };
  const count = first & 0x7f;
  // Three length bytes reach 16 MiB, more than any key or signature.
  if (count === 0 || count > 3 || at + count >= bytes.length) throw bad('length', at);
  let length = 0;
  for (let i = 1; i <= count; i++) length = length * 256 + bytes[at + i]!;
  if (length < 0x80 || bytes[at + 1] === 0) throw bad('length', at);
  return { length, header: 1 + count };
}

function bad(why: string, offset: number): AppError {
  return new AppError('ATTEST_DER', { why, offset });
}

/**
 * An ECDSA signature as WebCrypto takes it (IEEE P1363, r ‖ s) from its DER form (RFC 3279 section 2.2.3). Integers must
 * be positive, in their shortest form and not longer than the curve's order. Zero is refused.
 *
 * @param size bytes of r and of s: 32 (P-256), 48 (P-384), 66 (P-521)
 * @throws AppError ATTEST_DER
 */
export function ecdsaRaw(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const parts = derElements(derOne(der, DER_SEQUENCE));
  if (parts.length !== 2) throw bad('structure', 0);
  const raw = new Uint8Array(size * 2);
  for (const [i, part] of parts.entries()) {
    const number = unsigned(part);
    if (number.length > size) throw bad('range', 0);
    raw.set(number, size * (i + 1) - number.length);
  }
  return raw;
}

function unsigned({ tag, value }: DerValue): Uint8Array {
  const [first, second] = value;
  if (tag !== DER_INTEGER || first === undefined || first >= 0x80) throw bad('integer', 0);
  if (first !== 0) return value;
  // A leading zero is needed exactly when the next byte would look negative; alone it is the number zero.
  if (second === undefined || second < 0x80) throw bad('integer', 0);
  return value.subarray(1);
}

/** An object identifier in dotted form. @throws AppError ATTEST_DER */
export function derOid(value: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const [i, byte] of value.entries()) {
    if (arc === 0 && byte === 0x80) throw bad('oid', i);
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) throw bad('oid', i);
    if (byte >= 0x80) continue;
    if (arcs.length > 0) arcs.push(arc);
    else {
      const top = arc < 80 ? Math.floor(arc / 40) : 2;
      arcs.push(top, arc - top * 40);
    }
    arc = 0;
  }
  if (value.length === 0 || value.at(-1)! >= 0x80) throw bad('oid', value.length);
  return arcs.join('.');
}

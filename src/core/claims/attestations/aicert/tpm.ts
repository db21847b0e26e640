/** The TPM 2.0 structures of a quote (TCG TPM 2.0 Library, part 2), and the register dump of tpm2-tools. Bounded and strict. */
import { AppError } from '../../../errors.ts';

/** TPM_GENERATED_VALUE and TPM_ST_ATTEST_QUOTE. */
const MAGIC = 0xff544347;
const QUOTE = 0x8018;
const SHA256 = 0x000b;
const RSASSA = 0x0014;
const ECDSA = 0x0018;

/** Registers that anybody can set back to zero while the machine runs (PC Client profile: debug). */
export const RESETTABLE_REGISTER = 16;

export interface Quote {
  /** What the asker put in: a fresh number, if any. */
  readonly nonce: Uint8Array;
  /** SHA-256 registers it is over, ascending. */
  readonly registers: readonly number[];
  readonly digest: Uint8Array;
}

class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(little = false): number {
    return this.#view.getUint16(this.#take(2), little);
  }

  u32(little = false): number {
    return this.#view.getUint32(this.#take(4), little);
  }

  skip(length: number): void {
    this.#take(length);
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** TPM2B: a length before the bytes. */
  sized(): Uint8Array {
    return this.bytes(this.u16());
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw malformed('bytes after its end');
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw malformed('it ends too early');
    this.#at = start + length;
    return start;
  }
}

function malformed(why: string): AppError {
  return new AppError('ATTEST_BUNDLE', { why });
}

/** TPMS_ATTEST of a quote over SHA-256 registers. @throws AppError ATTEST_BUNDLE */
export function readQuote(message: Uint8Array): Quote {
  const reader = new Reader(message);
  if (reader.u32() !== MAGIC || reader.u16() !== QUOTE) throw malformed('not a quote');
  reader.sized();
  const nonce = reader.sized();
  // Clock, reset count, restart count, safe flag, firmware version.
  reader.skip(8 + 4 + 4 + 1 + 8);
  if (reader.u32() !== 1 || reader.u16() !== SHA256) throw malformed('registers of an unusual kind');
  const bitmap = reader.bytes(reader.u8());
  const registers = [...bitmap].flatMap((byte, i) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => i * 8 + bit),
  );
  const digest = reader.sized();
  reader.end();
  return { nonce, registers, digest };
}

export type QuoteSignature =
  | { readonly type: 'rsa'; readonly bytes: Uint8Array }
  /** r ‖ s of the key's size is made by whoever knows the curve. */
  | { readonly type: 'ec'; readonly r: Uint8Array; readonly s: Uint8Array };

/** TPMT_SIGNATURE with SHA-256. @throws AppError ATTEST_BUNDLE */
export function readQuoteSignature(bytes: Uint8Array): QuoteSignature {
  const reader = new Reader(bytes);
  const algorithm = reader.u16();
  if (reader.u16() !== SHA256) throw malformed('a signature with an unusual hash');
  if (algorithm === RSASSA) {
    const signature = reader.sized();
    reader.end();
    return { type: 'rsa', bytes: signature };
  }
  if (algorithm !== ECDSA) throw malformed('a signature of an unusual kind');
  const r = reader.sized();
  const s = reader.sized();
  reader.end();
  return { type: 'ec', r, s };
}

const SELECTION_BYTES = 132;
const SELECTIONS = 16;
const DIGESTS = 8;
const DIGEST_BYTES = 64;

/**
 * The register dump of `tpm2_quote --pcrs_output` in its serialized form: little-endian C structures, signed by nobody.
 *
 * @returns values by register, ascending
 * @throws AppError ATTEST_BUNDLE
 */
export function readRegisters(dump: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const reader = new Reader(dump);
  const selected: number[] = [];
  const count = reader.u32(true);
  if (count > SELECTIONS) throw malformed('too many selections');
  for (let i = 0; i < SELECTIONS; i++) {
    const hash = reader.u16(true);
    const size = reader.u8();
    const bitmap = reader.bytes(5);
    if (i >= count || hash !== SHA256) continue;
    for (let bit = 0; bit < Math.min(size, 4) * 8; bit++) if ((bitmap[bit >> 3]! >> (bit & 7)) & 1) selected.push(bit);
  }
  const lists = reader.u32(true);
  if (lists * (4 + DIGESTS * (2 + DIGEST_BYTES)) + SELECTION_BYTES + 4 !== dump.length)
    throw malformed('a dump of unusual size');
  const values: Uint8Array[] = [];
  for (let list = 0; list < lists; list++) {
    const used = reader.u32(true);
    for (let i = 0; i < DIGESTS; i++) {
      const size = reader.u16(true);
      const digest = reader.bytes(DIGEST_BYTES);
      if (i < used) values.push(digest.subarray(0, Math.min(size, DIGEST_BYTES)));
    }
  }
  reader.end();
  if (values.length !== selected.length) throw malformed('a dump with registers missing');
  return new Map(selected.map((register, i) => [register, values[i]!]));
}

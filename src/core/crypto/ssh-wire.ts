/** The data types of the SSH protocol (RFC 4251 section 5), read strictly: nothing may be left over or padded. */
import { AppError, type ErrorCode } from '../errors.ts';

export class SshReader {
  readonly #bytes: Uint8Array;
  readonly #code: ErrorCode;
  #at = 0;

  /** @param code of what is thrown: a key or a signature is malformed */
  constructor(bytes: Uint8Array, code: ErrorCode) {
    this.#bytes = bytes;
    this.#code = code;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws AppError of the code given */
  take(length: number): Uint8Array {
    if (length > this.left) throw this.bad('it ends too early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u32(): number {
    const [a, b, c, d] = this.take(4);
    return a! * 0x1000000 + b! * 0x10000 + c! * 0x100 + d!;
  }

  /** Length and bytes. */
  string(): Uint8Array {
    return this.take(this.u32());
  }

  /** A string of printable ASCII: names of algorithms, namespaces. */
  text(): string {
    const bytes = this.string();
    if (bytes.some((byte) => byte < 0x20 || byte > 0x7e)) throw this.bad('a name in it is not plain text');
    return String.fromCharCode(...bytes.subarray(0, 1024));
  }

  /** A positive number, big endian, without the leading zero it needs when its first bit is set. */
  positive(): Uint8Array {
    const bytes = this.string();
    const [first, second] = bytes;
    if (first === undefined || first >= 0x80) throw this.bad('a number in it is not positive');
    if (first !== 0) return bytes;
    if (second === undefined || second < 0x80) throw this.bad('a number in it is padded');
    return bytes.subarray(1);
  }

  end(): void {
    if (this.left > 0) throw this.bad('bytes follow its end');
  }

  bad(why: string): AppError {
    return new AppError(this.#code, { why });
  }
}

/** A length and the bytes. */
export function sshString(bytes: Uint8Array | string): Uint8Array {
  const value = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const out = new Uint8Array(4 + value.length);
  new DataView(out.buffer).setUint32(0, value.length);
  out.set(value, 4);
  return out;
}

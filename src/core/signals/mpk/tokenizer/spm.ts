/** A SentencePiece model file (sentencepiece_model.proto): its pieces and its table of replacements. */
import { toBase64 } from '../../../bytes/base64.ts';
import { AppError } from '../../../errors.ts';

export interface Piece {
  readonly piece: string;
  readonly score: number;
  /** 1 normal, 2 unknown, 3 control, 4 user defined, 6 byte. */
  readonly type: number;
}

/** Reads protobuf messages of a few known fields; everything else is stepped over. */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** @throws AppError SIGNAL_TOKENIZER when the bytes are no such message */
  model(): { readonly pieces: readonly Piece[]; readonly charsmap: string | null } {
    const pieces: Piece[] = [];
    let charsmap: string | null = null;
    for (const field of this.#fields(0, this.#bytes.length)) {
      if (field.number === 1 && field.wire === 2) pieces.push(this.#piece(field.start, field.end));
      if (field.number !== 3 || field.wire !== 2) continue;
      for (const inner of this.#fields(field.start, field.end)) {
        if (inner.number === 2 && inner.wire === 2 && inner.end > inner.start) {
          charsmap = toBase64(this.#bytes.subarray(inner.start, inner.end));
        }
      }
    }
    if (pieces.length === 0) this.#bad();
    return { pieces, charsmap };
  }

  #piece(from: number, to: number): Piece {
    let [piece, score, type] = ['', 0, 1];
    for (const { number, wire, start, end, value } of this.#fields(from, to)) {
      if (number === 1 && wire === 2) piece = new TextDecoder().decode(this.#bytes.subarray(start, end));
      if (number === 2 && wire === 5) score = this.#view.getFloat32(start, true);
      if (number === 3 && wire === 0) type = value;
    }
    return { piece, score, type };
  }

  *#fields(
    from: number,
    to: number,
  ): Generator<{ number: number; wire: number; start: number; end: number; value: number }> {
    let at = from;
    const varint = (): number => {
      let value = 0;
      for (let shift = 0; shift < 70; shift += 7) {
        const byte = this.#bytes[at++];
        if (byte === undefined || at > to) this.#bad();
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) return value;
      }
      return this.#bad();
    };
    while (at < to) {
      const key = varint();
      const wire = key % 8;
      const number = Math.floor(key / 8);
      let value = 0;
      let length = 0;
      if (wire === 0) value = varint();
      else if (wire === 1) length = 8;
      else if (wire === 5) length = 4;
      else if (wire === 2) length = varint();
      else this.#bad();
      if (length > to - at) this.#bad();
      yield { number, wire, start: at, end: at + length, value };
      at += length;
    }
  }

  #bad(): never {
    throw new AppError('SIGNAL_TOKENIZER', { why: 'tokenizer.model is not a SentencePiece model.' });
  }
}

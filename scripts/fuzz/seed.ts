import { protoFields, type ProtoField } from './structure.ts';
import { textShare } from './structure.ts';

/** One well-formed or already broken input that mutants are made of. */
export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Entries, when it is an archive that can be written again around a changed entry. */
  readonly parts?: readonly Part[];
}

export interface Part {
  readonly name: string;
  readonly seed: Seed;
  readonly deflate: boolean;
}

/** What is known of a seed's structure; worked out when first needed. */
export interface Structure {
  readonly text: boolean;
  /** Places of numbers that could be lengths, counts or offsets within the file. */
  readonly numbers: readonly NumberField[];
  readonly proto: readonly ProtoField[];
}

export interface NumberField {
  readonly at: number;
  readonly width: 2 | 4 | 8;
  readonly big: boolean;
}

const NUMBERS_MAX = 4096;
const known = new WeakMap<Seed, Structure>();

export function structureOf(seed: Seed): Structure {
  let found = known.get(seed);
  if (found === undefined) {
    const text = textShare(seed.bytes) > 0.95;
    found = { text, numbers: text ? [] : numberFields(seed.bytes), proto: text ? [] : protoFields(seed.bytes) };
    known.set(seed, found);
  }
  return found;
}

/** Every aligned-or-not number of 4 or 8 bytes, and aligned one of 2, that is above zero and not above the length. */
function numberFields(bytes: Uint8Array): NumberField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: NumberField[] = [];
  const step = Math.max(1, Math.floor(bytes.length / 65_536));
  for (let at = 0; at + 8 <= bytes.length && found.length < NUMBERS_MAX; at += step) {
    for (const big of [false, true]) {
      const wide = view.getBigUint64(at, !big);
      if (wide > 0n && wide <= BigInt(bytes.length)) found.push({ at, width: 8, big });
      else {
        const four = view.getUint32(at, !big);
        if (four > 0 && four <= bytes.length) found.push({ at, width: 4, big });
        else if (at % 2 === 0 && view.getUint16(at, !big) <= bytes.length) found.push({ at, width: 2, big });
      }
    }
  }
  return found;
}

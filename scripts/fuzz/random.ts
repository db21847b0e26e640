/** Numbers that look random and come out the same for the same words: every mutated input can be made again. */

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded with FNV-1a of a text; bits of 32-bit words only. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(words: string) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < words.length; i += 1) hash = Math.imul(hash ^ words.charCodeAt(i), 0x01000193);
    this.#a = hash | 0;
    this.#b = Math.imul(hash, 0x9e3779b1) | 0;
    this.#c = Math.imul(hash ^ (hash >>> 15), 0x85ebca77) | 0;
    for (let i = 0; i < 12; i += 1) this.word();
  }

  /** 32 random bits as a number from 0. */
  word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** From 0 up to, not including, `end`; 0 when there is nothing to choose from. */
  below(end: number): number {
    return end <= 1 ? 0 : Math.floor((this.word() / 0x1_0000_0000) * end);
  }

  chance(share: number): boolean {
    return this.word() < share * 0x1_0000_0000;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  /** Mostly small, now and then up to `most`: lengths of pieces. */
  length(most: number): number {
    return 1 + this.below(Math.max(1, Math.min(most, 2 ** this.below(13))));
  }
}

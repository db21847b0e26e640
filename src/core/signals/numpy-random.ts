/**
 * `numpy.random.RandomState(seed)`, as far as choosing without replacement needs it: MT19937 (Matsumoto, Nishimura 1998)
 * with Knuth's initialiser, masked rejection for bounded integers, Fisher-Yates from the end. NumPy froze this stream
 * (NEP 19), so equal seeds give equal choices in every version.
 */
const SIZE = 624;
const MIDDLE = 397;

export class RandomState {
  readonly #key = new Uint32Array(SIZE);
  #at = SIZE;

  /** @param seed a 32-bit integer */
  constructor(seed: number) {
    let last = seed >>> 0;
    for (let i = 0; i < SIZE; i++) {
      this.#key[i] = last;
      last = (Math.imul(1812433253, last ^ (last >>> 30)) + i + 1) >>> 0;
    }
  }

  /** The 624 words of the state, and the position in them. */
  state(): { readonly key: readonly number[]; readonly position: number } {
    return { key: [...this.#key], position: this.#at };
  }

  /** The next 32 random bits. */
  next(): number {
    if (this.#at === SIZE) this.#refill();
    let y = this.#key[this.#at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** `permutation(n)`: the numbers 0 to n-1 in random order. */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.#bounded(i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** `choice(pool, size, replace=False)`: at most as many as there are. */
  choice(pool: readonly number[], size: number): number[] {
    return this.permutation(pool.length)
      .slice(0, size)
      .map((i) => pool[i]!);
  }

  /** A random integer from 0 to `most`, both included. */
  #bounded(most: number): number {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (this.next() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  #refill(): void {
    const key = this.#key;
    for (let i = 0; i < SIZE; i++) {
      const y = (key[i]! & 0x80000000) | (key[(i + 1) % SIZE]! & 0x7fffffff);
      key[i] = key[(i + MIDDLE) % SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#at = 0;
  }
}

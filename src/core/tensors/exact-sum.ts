/**
 * A sum without rounding until it is asked for: a list of doubles that do not overlap and whose exact sum is the sum of
 * everything added (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic", Grow-Expansion).
 */
export class ExactSum {
  #parts: number[] = [];
  #overflowed = false;

  add(value: number): void {
    if (value === 0) return;
    let x = value;
    let kept = 0;
    for (const part of this.#parts) {
      const [large, small] = Math.abs(x) >= Math.abs(part) ? [x, part] : [part, x];
      const sum = large + small;
      const lost = small - (sum - large);
      if (lost !== 0) this.#parts[kept++] = lost;
      x = sum;
    }
    this.#parts.length = kept;
    if (x !== 0) this.#parts.push(x);
    if (!Number.isFinite(x)) this.#overflowed = true;
  }

  /** The sum rounded once to the nearest double, ties to even; Infinity when it grew beyond all doubles on the way. */
  value(): number {
    if (this.#overflowed) return Infinity;
    let at = this.#parts.length - 1;
    if (at < 0) return 0;
    let high = this.#parts[at--]!;
    let low = 0;
    for (; at >= 0 && low === 0; at--) {
      const sum = high + this.#parts[at]!;
      low = this.#parts[at]! - (sum - high);
      high = sum;
    }
    // When what is left over is half a unit exactly, the parts below decide which way to round.
    if (at >= 0 && Math.sign(low) === Math.sign(this.#parts[at]!)) {
      const sum = high + 2 * low;
      if (sum - high === 2 * low) return sum;
    }
    return high;
  }
}

import type { Finding } from '../content/finding.ts';
import type { Region } from '../formats/format.ts';
import { RangeCutter } from '../hash/ranges.ts';

/** Looks whether the filling between tensors is zeros, as the body streams by. */
export class PaddingLane {
  readonly #gaps: readonly Region[];
  readonly #cutter: RangeCutter;
  /** Gaps that hold something, by position. */
  readonly #filled = new Set<number>();

  constructor(regions: readonly Region[]) {
    this.#gaps = regions.filter((r) => r.kind === 'padding');
    this.#cutter = new RangeCutter(this.#gaps.map(({ start, end }) => ({ start, end, members: [] })));
  }

  feed(chunk: Uint8Array, offset: number): void {
    for (const { range, bytes } of this.#cutter.cut(chunk, offset)) {
      if (!this.#filled.has(range) && bytes.some((byte) => byte !== 0)) this.#filled.add(range);
    }
  }

  /** One finding for all of them, placed at the first: a hostile file may have a million. */
  finish(): Finding[] {
    const filled = [...this.#filled].map((i) => this.#gaps[i]!).sort((a, b) => a.start - b.start);
    const [first] = filled;
    if (first === undefined) return [];
    const bytes = filled.reduce((sum, gap) => sum + gap.end - gap.start, 0);
    return [
      {
        code: 'nonzero-padding',
        severity: 'caution',
        offset: first.start,
        length: first.end - first.start,
        detail: { bytes, gaps: filled.length },
      },
    ];
  }
}

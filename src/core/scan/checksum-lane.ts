import type { Finding } from '../content/finding.ts';
import type { InnerChecksum } from '../formats/format.ts';
import { crc32 } from '../formats/zip/crc32.ts';
import { distinctRanges, RangeCutter, type SharedRange } from '../hash/ranges.ts';

/** Findings of this kind kept of one file; the rest is counted in the last. */
const KEPT = 20;

/** Compares the sums that a container states over its own parts, as the body streams by. */
export class ChecksumLane {
  readonly #stated: readonly InnerChecksum[];
  readonly #ranges: readonly SharedRange[];
  readonly #cutter: RangeCutter;
  readonly #sums: Uint32Array;

  /** @param size bytes of the file */
  constructor(stated: readonly InnerChecksum[], size: number) {
    this.#stated = stated;
    this.#ranges = distinctRanges(
      stated.map(({ start, end }) => ({ start, byteLength: end - start })),
      size,
    );
    this.#cutter = new RangeCutter(this.#ranges);
    this.#sums = new Uint32Array(this.#ranges.length);
  }

  feed(chunk: Uint8Array, offset: number): void {
    for (const { range, bytes } of this.#cutter.cut(chunk, offset)) {
      this.#sums[range] = crc32(bytes, this.#sums[range]!);
    }
  }

  finish(): Finding[] {
    const wrong = this.#ranges.flatMap(({ members }, range) =>
      members.map((i) => this.#stated[i]!).filter((stated) => stated.value !== this.#sums[range]),
    );
    return wrong.slice(0, KEPT).map(({ name, start, end }, i): Finding => {
      const others = i === KEPT - 1 ? wrong.length - KEPT : 0;
      return {
        code: 'bad-checksum',
        severity: 'caution',
        offset: start,
        length: end - start,
        detail: { entry: name, ...(others > 0 ? { others } : {}) },
      };
    });
  }
}

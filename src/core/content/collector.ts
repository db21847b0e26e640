import type { Finding, FindingCode, Severity } from './finding.ts';

/** Findings of one code that are kept; a hostile file can produce one per tensor. The rest is counted. */
const KEPT_PER_CODE = 32;

type Detail = Finding['detail'];
type Place = Pick<Finding, 'offset' | 'length' | 'path'>;

/** Gathers findings while a file is read, bounded whatever the file holds. */
export class FindingCollector {
  readonly #kept = new Map<FindingCode, Finding[]>();
  readonly #dropped = new Map<FindingCode, number>();

  add(code: FindingCode, severity: Severity, detail: Detail = {}, place: Place = {}): void {
    const kept = this.#kept.get(code);
    if (kept === undefined) this.#kept.set(code, [{ code, severity, detail, ...place }]);
    else if (kept.length < KEPT_PER_CODE) kept.push({ code, severity, detail, ...place });
    else this.#dropped.set(code, (this.#dropped.get(code) ?? 0) + 1);
  }

  /** In order of first appearance by code; the last kept one of a code says in `more` how many were left out. */
  list(): Finding[] {
    return [...this.#kept].flatMap(([code, kept]) => {
      const more = this.#dropped.get(code);
      if (more === undefined) return kept;
      const last = kept.at(-1)!;
      return [...kept.slice(0, -1), { ...last, detail: { ...last.detail, more } }];
    });
  }
}

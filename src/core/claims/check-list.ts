/** Checks being collected: ids that are stable and never twice the same. */
import type { Check } from './check.ts';

export type CheckDraft = Omit<Check, 'id'>;

export class CheckList {
  readonly #checks: Check[] = [];
  readonly #ids = new Map<string, number>();

  add(draft: CheckDraft): void {
    const { axis, source, kind, path, tensor, algorithm } = draft;
    const parts = [axis, source.kind, kind, path, tensor, algorithm].filter((part) => part !== undefined);
    const id = parts.join('/');
    const times = (this.#ids.get(id) ?? 0) + 1;
    this.#ids.set(id, times);
    this.#checks.push({ id: times === 1 ? id : `${id}#${times}`, ...draft });
  }

  list(): readonly Check[] {
    return this.#checks;
  }
}

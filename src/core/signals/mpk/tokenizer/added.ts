/** Added tokens: which there are, with which settings, under which ids. */
import type { AddedToken, Model } from './backend.ts';
import { modelVocab } from './backend.ts';

/** Adds as the tokenizers library does: a token of the model keeps its id, others follow the largest one. */
export class AddedTokens {
  readonly byId = new Map<number, AddedToken>();
  readonly #ids: ReadonlyMap<string, number>;
  readonly #own = new Map<string, number>();
  readonly #size: number;
  #last = -1;

  constructor(model: Model) {
    this.#ids = modelVocab(model);
    this.#size = this.#ids.size;
  }

  has(content: string): boolean {
    return this.#own.has(content);
  }

  add(token: AddedToken): void {
    if (token.content === '') return;
    const known = this.#own.get(token.content) ?? this.#ids.get(token.content);
    const last = this.#last;
    const id = known ?? (last >= this.#size || this.#size === 0 ? last + 1 : this.#size);
    this.byId.set(id, token);
    this.#own.set(token.content, id);
    this.#last = Math.max(last, id);
  }

  id(content: string): number | undefined {
    return this.#own.get(content) ?? this.#ids.get(content);
  }
}

/** A special token named by its text alone. */
export function specialToken(content: string): AddedToken {
  return { content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/** Text, or the fields that a file gives. */
export function addedToken(value: unknown): AddedToken | null {
  if (typeof value === 'string') return specialToken(value);
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Readonly<Record<string, unknown>>;
  const { content } = fields;
  if (typeof content !== 'string') return null;
  const special = fields['special'] === true;
  const flag = (key: string, otherwise: boolean): boolean =>
    typeof fields[key] === 'boolean' ? fields[key] : otherwise;
  return {
    content,
    single_word: flag('single_word', false),
    lstrip: flag('lstrip', false),
    rstrip: flag('rstrip', false),
    normalized: flag('normalized', !special),
    special,
  };
}

/** Whether the values of a list are all different, as JSON Schema means it, in time that grows with their size alone. */

/**
 * Equal values get equal numbers; each object is looked at once however often it is asked for. Comparing each with
 * each, as Ajv does, takes hours for a list of 100,000 components.
 */
export class Distinct {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<object, string>();

  /** Arrow function: generated code calls it through its own `this`. */
  readonly unique = (list: readonly unknown[]): boolean => {
    if (list.length < 2) return true;
    const seen = new Set<string>();
    for (const value of list) {
      const key = this.#key(value);
      if (seen.has(key)) return false;
      seen.add(key);
    }
    return true;
  };

  /** The same text for equal values only. Depth is bounded by that of the JSON text. */
  #key(value: unknown): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const parts = Array.isArray(value)
      ? `[${value.map((item) => this.#key(item)).join()}]`
      : `{${Object.entries(value)
          .map(([name, item]) => `${JSON.stringify(name)}:${this.#key(item)}`)
          .sort()
          .join()}}`;
    const number = this.#numbers.get(parts) ?? this.#numbers.size;
    this.#numbers.set(parts, number);
    const key = `#${number}`;
    this.#known.set(value, key);
    return key;
  }
}

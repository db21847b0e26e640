/** A small value kept in localStorage. Storage may be blocked or full: the value then lives until the page closes. */
const PREFIX = 'assay:';

export class Persisted<T> {
  readonly #key: string;
  #value: T;

  /** `accept` guards against what an older version, or anybody else, has stored under the name. */
  constructor(name: string, fallback: T, accept: (value: unknown) => value is T) {
    this.#key = PREFIX + name;
    this.#value = $state.raw(fallback);
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(this.#key) ?? 'null');
      if (accept(stored)) this.#value = stored;
    } catch {
      // Blocked, or not JSON: the fallback stays.
    }
  }

  get current(): T {
    return this.#value;
  }

  set current(value: T) {
    this.#value = value;
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Kept in memory only.
    }
  }
}

/** Forgets everything this app keeps in localStorage. */
export function forgetPersisted(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Blocked: nothing is kept.
  }
}

/**
 * Regular expressions of tokenizers run on every text a user types, in engines that backtrack (Oniguruma). A repetition
 * whose body can match the same letters in two ways doubles the work with every letter.
 *
 * Heuristic, with sample characters instead of exact sets: it may miss an odd one, it should not accuse the ordinary.
 */

interface Piece {
  /** Source of a single-character matcher, or null for a group. */
  readonly source: string | null;
  readonly group: readonly (readonly Piece[])[];
  readonly optional: boolean;
  readonly unbounded: boolean;
}

const LENGTH_MAX = 20_000;
const DEPTH_MAX = 64;
const SAMPLES = [...'aZz09 \n\t\r.,-_"\'@(/\\<é中あאا١€', '\u0301', '\u00a0'];

/** The first repetition that may take exponential time, as text; null when there is none or the pattern is not understood. */
export function riskyRepetition(pattern: string): string | null {
  if (pattern.length > LENGTH_MAX) return null;
  const parser = new Parser(pattern);
  const alternatives = parser.alternatives(0);
  return alternatives === null || !parser.done ? null : findRisk(alternatives);
}

function findRisk(alternatives: readonly (readonly Piece[])[]): string | null {
  for (const sequence of alternatives) {
    for (const piece of sequence) {
      if (piece.source !== null) continue;
      if (piece.unbounded && isAmbiguous(piece.group)) return show(piece.group);
      const inner = findRisk(piece.group);
      if (inner !== null) return inner;
    }
  }
  return null;
}

/** A repeated group is ambiguous when some letter, written often enough, can be divided among its rounds in two ways. */
function isAmbiguous(alternatives: readonly (readonly Piece[])[]): boolean {
  return SAMPLES.some((letter) => {
    let once = 0;
    for (const sequence of alternatives) {
      if (!sequence.every((piece) => piece.optional || canBe(piece, letter))) continue;
      // Repeated inside and outside: n letters in one round or in n.
      if (sequence.some((piece) => repeatsInside(piece, letter))) return true;
      if (sequence.filter((piece) => canBe(piece, letter)).length === 1) once += 1;
    }
    // Two alternatives for one letter: a choice at every round.
    return once > 1;
  });
}

function repeatsInside(piece: Piece, letter: string): boolean {
  if (piece.source !== null) return piece.unbounded && matches(piece.source, letter);
  return piece.group.some(
    (sequence) =>
      sequence.every((inner) => inner.optional || canBe(inner, letter)) &&
      (piece.unbounded
        ? sequence.some((inner) => canBe(inner, letter))
        : sequence.some((inner) => repeatsInside(inner, letter))),
  );
}

/** Whether a piece can consist of this letter alone, once or more. */
function canBe(piece: Piece, letter: string): boolean {
  if (piece.source !== null) return matches(piece.source, letter);
  return piece.group.some(
    (sequence) =>
      sequence.length > 0 &&
      sequence.every((inner) => inner.optional || canBe(inner, letter)) &&
      sequence.some((inner) => canBe(inner, letter)),
  );
}

function matches(source: string, letter: string): boolean {
  try {
    return new RegExp(`^(?:${source})$`, 'u').test(letter);
  } catch {
    return false;
  }
}

function show(alternatives: readonly (readonly Piece[])[]): string {
  const text = alternatives
    .map((sequence) => sequence.map((piece) => piece.source ?? '(…)').join(''))
    .join('|')
    .slice(0, 100);
  return `(${text}) repeated`;
}

/** As much of the syntax as tokenizers use; null for what is not understood. */
class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  alternatives(depth: number): Piece[][] | null {
    if (depth > DEPTH_MAX) return null;
    const all: Piece[][] = [[]];
    while (!this.done && this.#text[this.#at] !== ')') {
      if (this.#text[this.#at] === '|') {
        this.#at += 1;
        all.push([]);
        continue;
      }
      const piece = this.#piece(depth);
      if (piece === null) return null;
      if (piece !== 'nothing') all.at(-1)!.push(piece);
    }
    return all;
  }

  #piece(depth: number): Piece | 'nothing' | null {
    const char = this.#text[this.#at]!;
    if (char === '^' || char === '$') {
      this.#at += 1;
      return 'nothing';
    }
    if (char === '(') return this.#group(depth);
    const source = char === '[' ? this.#class() : char === '\\' ? this.#escape() : this.#literal();
    if (source === null) return null;
    const { optional, unbounded } = this.#quantifier();
    if (/^\\[bBAzZG]$/.test(source)) return 'nothing';
    return { source, group: [], optional, unbounded };
  }

  #group(depth: number): Piece | 'nothing' | null {
    const opening = /^\((?:\?(?:[a-zA-Z-]*:|[=!>]|<[=!]|P?<\w+>|[a-zA-Z-]+\)))?/.exec(
      this.#text.slice(this.#at, this.#at + 80),
    )?.[0];
    if (opening === undefined) return null;
    this.#at += opening.length;
    // `(?i)` switches and contains nothing.
    if (opening.endsWith(')')) return 'nothing';
    const group = this.alternatives(depth + 1);
    if (group === null || this.#text[this.#at] !== ')') return null;
    this.#at += 1;
    const { optional, unbounded } = this.#quantifier();
    if (/^\(\?<?[=!]/.test(opening)) return 'nothing';
    // What an atomic group took it does not give back.
    return { source: null, group, optional, unbounded: unbounded && opening !== '(?>' };
  }

  #class(): string | null {
    const start = this.#at;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at]!;
      if (char === '\\') this.#at += 1;
      else if (char === '[') depth += 1;
      else if (char === ']') {
        depth -= 1;
        if (depth === 0) {
          this.#at += 1;
          return this.#text.slice(start, this.#at);
        }
      }
    }
    return null;
  }

  #escape(): string | null {
    const found = /^\\(?:[pP](?:\{\^?\w+(?:=\w+)?\}|\w)|x\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^])/u.exec(
      this.#text.slice(this.#at, this.#at + 64),
    )?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #literal(): string | null {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    this.#at += char.length;
    if (char === '*' || char === '+' || char === '?') return null;
    return /[{}\]/]/.test(char) ? `\\${char}` : char;
  }

  #quantifier(): { optional: boolean; unbounded: boolean } {
    const found = /^(?:[*+?]|\{\d*,?\d*\})([+?]?)/.exec(this.#text.slice(this.#at, this.#at + 40));
    if (found === null) return { optional: false, unbounded: false };
    this.#at += found[0].length;
    const [all, mode] = found;
    const optional = all.startsWith('*') || all.startsWith('?') || /^\{0*,/.test(all);
    // A possessive repetition gives nothing back. A large limit is as good as none.
    const upper = /,(\d+)\}/.exec(all)?.[1];
    const unbounded = /^[*+]/.test(all) || /,\}/.test(all) || (upper !== undefined && Number(upper) > 20);
    return { optional, unbounded: unbounded && mode !== '+' };
  }
}

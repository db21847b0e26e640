/**
 * Scripts of letters as Python 3.11 tells them (Unicode 14: `str.isalpha`, `unicodedata.name`). An engine's own tables
 * are of other Unicode versions, and a distribution that depends on the browser would not be a fact about a tokenizer.
 *
 * Runs of code points in rising order: a letter for the script (L Latin, J CJK, C Cyrillic, A Arabic, D Devanagari,
 * O other), the distance from the end of the run before, in base 36, and after `-` how many more follow.
 */
const RUNS =
  'L1t-pL7-pO1cObO5L6-mL2-uL2-c7O1-hO5-bOf-4O8O2O3m-4O2-1O3-3O2O7O2-2O2O2-jO2-2aO2-8C1-3lC9-4lO2-11O3O7' +
  '-14O20-qO5-3A1a-16A10-1A2-2qA2Ag-1A8-1Ab-2A3OhO2-tOu-2A1-1bO1-11OcOp-wOa-1O5O6-lO5OaO4Oo-oO8-aA6-nA2' +
  '-5Ai-15D1n-1hD4DjD8-9Dg-eO1O5-7O3-1O3-lO2-6O2O4-3O4OhOe-1O2-2Of-1ObO9-5O5-1O3-lO2-6O2-1O2-1O2-1Ow-3O' +
  '2Ok-2Oh-8O2-2O2-lO2-6O2-1O2-4O4OjOg-1OoOc-7O3-1O3-lO2-6O2-1O2-4O4Ov-1O2-2OgOiO2-5O4-2O2-3O4-1O2O2-1O' +
  '4-1O4-2O4-bOnO1h-7O2-2O2-mO2-fO4Or-2O3O3-1OvO5-7O2-2O2-mO2-9O2-4O4Ow-1O2-1Og-1Oi-8O2-2O2-14O3OhO6-2O' +
  '9-2Op-5O6-hO4-nO2-8O2O3-6O1n-1bO2-1Od-6O1n-1O2O2-4O2-nO2O2-9O2-1OaO3-4O2Om-3OxO1s-7O2-zOs-4O38-16OlO' +
  'h-5O5-3O4O4-1O8-2O5-cOdOi-11O2O6O3-16O2-3J1-73O1-20O2-3O3-6O2O2-3O3-14O2-3O3-wO2-3O3-6O2O2-3O3-eO2-1' +
  'kO2-3O3-1uO12-fOh-2dO3-5O4-h7O3-gO2-pO6-22O7-7O8-hOe-iOf-hOf-cO2-2Og-1fO10O5O1w-2gO8-4O3-xO2O6-1xOb-' +
  'uO1e-tO3-4Oc-17O5-pO1j-mOa-1gO2bO2m-1aOi-7O1j-tOe-1Ob-17Or-zO16-2Ob-zC3-8O8-16O3-2O16-3O2-5O2-1O4L6-' +
  '11O1-4C1O1-1hL1-3O1-4L1-cC1L1-xO1-10L1t-73O1-lO3-5O3-11O3-5O3-7O2O2O2O2-uO3-1gO2-6O2O4-2O2-6O4-3O3-5' +
  'O5-cO6-2O2-6L39LeLh-cO2uO5O3-9O2O4-4O7O2O2O2-3O2-aO3-3O6-4O5O1hL1O22k-19L1O1-1aL1O1L1-sO1L1-1O1-2sO7' +
  '-3O4-1Od-11O2O6O3-1jO8Oh-mOa-6O2-6O2-6O2-6O2-6O2-6O2-6O2-6O29Od2-1O17-4O6-1J5-2dJ7-2J2-2hJ2-3J6-16J2' +
  '-2lJi-vJ1d-fJe9-533J1t-g73O1-wcO1w-19O3-7gO4-fOb-1Cl-1aCh-uO3-1xO1e-8L3-25O1L1-mO1L3-1rL6-1L2L2-4Op-' +
  '2L1-2O1-1L1-5O1-1O2-2O2-3O2-mOu-1fOf-1dD1r-5D4D2-1Oc-rOb-mJq-sO8-1aOtOh-4O2-9Ob-4O2-14Oo-2O2-7Ol-mO4' +
  'O4-1dO2O4-1O3-4O3O2Op-2O3-aO8-2Od-5O3-5O3-5Oa-6O2-6L2-16O2-3L1-4O1L1-2O1O7-36Ju-8mbJd-mJ5-1cJ6it-a5J' +
  '3-2xL13-6Od-4O6O2-9O2-cO2-4O2O2-1O2-1O2-9A1-2pAy-a2Aj-1rA3-1hA15-bA39-4A2-3qL11-pL7-pJc-2gJ4-5J3-5J3' +
  '-5J3-2O10-bO2-pO2-iO2-1O2-eO3-dOz-3eOau-sO4-1cO1c-vOe-jO2-7O7-11Ob-tO3-zO5-7O1d-4dOj-zO5-zO5-13O9-1f' +
  'Od-aO2-eO2-6O2-1O2-aO2-eO2-6O2-1O1w-8mOa-lOb-7Op-5O2-15O2-8O1y-5O3O2-17O2-1O4O3-mOb-mOa-uO1u-iO2-1Ob' +
  '-lOb-pO1z-1jO7-1O1tOg-3O2-2O2-sO17-sO4-sO10-7O2-rOs-1hOb-lOb-iOe-hO33-20O1k-1eOe-1eOe-zO9p-15O7-1O27' +
  '-sObO9-lO17-hO1b-kOs-mOd-1gO1m-1O3Oe-18Ox-oOr-zOuO3O9-yO4Od-1bOf-3OmO2O10-hO2-oO2d-6O2O2-3O2-eO2-9O8' +
  '-1aO13-7O3-1O3-lO2-6O2-1O2-4O4OjOd-4O4f-1gOj-3Ol-2Ov-1bOl-1O2O55-1aO16-3O11-1bOlO1o-16OeO20-qO12-6O5' +
  '6-17O39-1rOw-7O3O3-7O2-1O2-nOgO2O2n-7O3-12OhO2OtOb-13O8OmOc-19OkOj-20O7c-8O2-10OiO1e-tO35-6O2-1O2-11' +
  'OmOq-5O2-1O2-vOfO94-iO5aO28-plO6f-5fO219-2oOg-tqO34i-g6O6nu-fsO8-uOi-26Oi-tOj-1bOh-3Ow-kO6-iOj5-1rO3' +
  'l-22O6O1v-cO1t-1O2Ot-4qfO9-ydO17-8J6w8-3J2-6J2-1J2-1O1-7wJ1-3J1a-2Ji-3O9-azO1s5-2yO6-cO4-8O8-9O4mf-2' +
  'cO2-1yO2-1O3O3-1O3-3O2-bO2O2-6O2-1sO2-3O3-7O2-6O2-rO2-3O2-4O2O4-6O2-9fO3-oO2-oO2-uO2-oO2-uO2-oO2-uO2' +
  '-oO2-uO2-oO2-7L1f9-uOde-18Ob-6OhO8y-tOj-17Oz9-6O2-3O2-1O2-eO2-5gO1o-1vO8Axh-3A2-qA2-1A2A3A2-9A2-3A2A' +
  '2A7A5A2A2A2-2A2-1A2A3A2A2A2A2A2-1A2A3-3A2-6A2-3A2-3A2A2-9A2-gA6-2A2-4A2-gJ3et-wynJx-37cJ8-65J3-4g1Jf' +
  '-5rkJ2e8-f1J15v-3t6';

const NAMES: Readonly<Record<string, Script>> = {
  L: 'Latin',
  J: 'CJK',
  C: 'Cyrillic',
  A: 'Arabic',
  D: 'Devanagari',
  O: 'Other',
};

export type Script = 'Latin' | 'CJK' | 'Cyrillic' | 'Arabic' | 'Devanagari' | 'Other';

/** Tells the script of letters; made once for a tokenizer. */
export class Scripts {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #scripts: Script[] = [];

  constructor() {
    let at = 0;
    for (const [, letter = '', gap = '', more = '0'] of RUNS.matchAll(/([LJCADO])([0-9a-z]+)(?:-([0-9a-z]+))?/g)) {
      const start = at + Number.parseInt(gap, 36);
      at = start + Number.parseInt(more, 36);
      this.#starts.push(start);
      this.#ends.push(at);
      this.#scripts.push(NAMES[letter]!);
    }
  }

  /** Null when the code point is no letter (`str.isalpha()` is false). */
  ofLetter(codePoint: number): Script | null {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= codePoint) low = middle + 1;
      else high = middle;
    }
    const run = low - 1;
    return run >= 0 && codePoint <= this.#ends[run]! ? this.#scripts[run]! : null;
  }
}

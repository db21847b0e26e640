import { isAllowed } from './allowed.ts';
import { knownDanger } from './dangerous.ts';
import type { Danger, ImportClass } from './import.ts';

/** How a name is judged, and what is odd about its spelling (words for “It has …”), if anything. */
export interface Verdict {
  readonly class: ImportClass;
  readonly danger: Danger | null;
  readonly odd: string | null;
}

/** Python 2 modules as Python 3 finds them (`_compat_pickle.IMPORT_MAPPING`), where judgement depends on it. */
const PYTHON_3: Readonly<Record<string, string>> = {
  __builtin__: 'builtins',
  copy_reg: 'copyreg',
  exceptions: 'builtins',
  UserDict: 'collections',
  'numpy.core.numerictypes': 'numpy',
};

export interface ClassifyOptions {
  /** Names under `__torch__` are TorchScript classes, compiled from `code/` of the same archive and never imported. */
  readonly torchScript?: boolean;
}

/** Judges one import. `module` and `name` are hostile text, exactly as the stream has them. */
export function classify(module: string, name: string, options: ClassifyOptions = {}): Verdict {
  const odd = oddity(module, name);
  const seenModule = python3(plainSpelling(module));
  const seenName = plainSpelling(name);
  if (odd === null && isAllowed(seenModule, seenName)) return { class: 'allowed', danger: null, odd };
  if (options.torchScript === true && odd === null && /^__torch__(\.\w+)*$/.test(module)) {
    return { class: 'allowed', danger: null, odd };
  }
  const danger = knownDanger(seenModule, seenName);
  return { class: danger === null ? 'unknown' : 'dangerous', danger, odd };
}

function python3(module: string): string {
  return Object.hasOwn(PYTHON_3, module) ? PYTHON_3[module]! : module;
}

/** What ordinary names never have; null for ordinary ones. */
function oddity(module: string, name: string): string | null {
  const both = `${module}.${name}`;
  if (module === '' || name === '' || both.split('.').includes('')) return 'an empty part';
  // oxlint-disable-next-line no-control-regex
  if (/[\s\u0000-\u001f\u007f]/.test(both)) return 'white space or control characters';
  if (/[^\u0020-\u007e]/.test(both)) return 'letters that look like others';
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(both)) return 'characters that no Python name has';
  if (/\.__\w+__($|\.)/.test(`.${name}`) && !isAllowed(python3(module), name) && python3(module) !== 'builtins') {
    return 'a special attribute';
  }
  return null;
}

/** Cyrillic and Greek letters that look like Latin ones, in the order of `LATIN`. */
const LOOKALIKES = 'аеорсухіјѕԁԛԝһьѵοαεικνρτυχ';
const LATIN = 'aeopcyxijsdqwhbvoaeiknptux';

/** The name as a hasty reader sees it: compatibility forms, look-alikes and invisible characters undone. */
function plainSpelling(text: string): string {
  if (/^[\x21-\x7e]*$/.test(text)) return text;
  const shown = text.normalize('NFKC').replace(/[\s\p{Cc}\p{Cf}]/gu, '');
  return Array.from(shown, (letter) => {
    const at = LOOKALIKES.indexOf(letter);
    return at < 0 ? letter : LATIN[at]!;
  }).join('');
}

/** An SPDX 3.0 document against the classes and vocabularies of its model: types, words, and what must be there. */
import { DIGEST_BYTES } from '../../../hash/hasher.ts';
import { algorithmNamed } from '../../algorithm-names.ts';
import { SPDX_OBJECTS_MAX, SPDX_PROBLEMS_MAX } from '../../../limits.ts';
import { isObject, textField, type JsonObject } from '../json.ts';
import { CLASSES, INDIVIDUALS, VOCABULARIES, VOCABULARY_CLASSES } from './classes.ts';

export interface Problem {
  /** `software_File.verifiedUsing[0].algorithm`, with the name of the element where it has one. */
  readonly where: string;
  readonly why: string;
}

interface Property {
  readonly required: boolean;
  /** `text`, `time` …, `>Class` or `=vocabulary`. */
  readonly type: string;
  /** The fewest entries of a list; absent: no list. */
  readonly least?: number;
}

interface ClassRules {
  readonly abstract: boolean;
  readonly above: string;
  readonly own: ReadonlyMap<string, Property>;
}

/** The identifiers of JSON-LD as the model narrows them: an IRI, or a blank node that means something here alone. */
const IRI = /^(?!_:).+:.+/s;
const IRI_OR_BLANK = /^(?:_:.+|.+:.+)/s;
const TIME = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\dZ$/;
/** Semantic Versioning 2.0.0. */
const VERSION =
  /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;
/** Longer texts are not tried against patterns. */
const PATTERN_TEXT_MAX = 1024;

const isText = (value: unknown): value is string => typeof value === 'string';
const short = (value: unknown): value is string => isText(value) && value.length <= PATTERN_TEXT_MAX;

const SIMPLE: Readonly<Record<string, readonly [fits: (value: unknown) => boolean, is: string]>> = {
  text: [isText, 'a text'],
  uri: [isText, 'a text'],
  flag: [(value) => typeof value === 'boolean', 'true or false'],
  natural: [(value) => Number.isInteger(value) && (value as number) >= 0, 'a whole number'],
  positive: [(value) => Number.isInteger(value) && (value as number) >= 1, 'a whole number from 1'],
  decimal: [
    (value) => typeof value === 'number' || (short(value) && /^-?\d+(?:\.\d*)?$/.test(value)),
    'a decimal number',
  ],
  time: [(value) => short(value) && TIME.test(value), 'a time like 2026-01-31T12:00:00Z'],
  media: [(value) => isText(value) && /^[^/]+\/[^/]+$/.test(value), 'a media type'],
  version: [(value) => short(value) && VERSION.test(value), 'a version like 3.0.1'],
};

/**
 * Everything that breaks a rule, the first `SPDX_PROBLEMS_MAX` of it.
 *
 * @param elements the objects of `@graph`
 */
export function checkRules(elements: readonly unknown[]): readonly Problem[] {
  const rules = new Rules();
  elements.forEach((element, i) => rules.object(element, '', titleOf(element, i)));
  return rules.problems;
}

function titleOf(element: unknown, i: number): string {
  const type = textField(element, 'type');
  if (type === undefined) return `@graph[${i}]`;
  const name = textField(element, 'name');
  return name === undefined ? `@graph[${i}] ${type}` : `@graph[${i}] ${type} “${name.slice(0, 60)}”`;
}

class Rules {
  readonly problems: Problem[] = [];
  readonly #classes = compiled();
  readonly #words = new Map(Object.entries(VOCABULARIES).map(([name, words]) => [name, new Set(wordsOf(words))]));
  #objects = 0;

  report(where: string, why: string): void {
    if (this.problems.length < SPDX_PROBLEMS_MAX) this.problems.push({ where, why });
  }

  /** @param asked the class that must be there, or one below it; empty: any */
  object(value: unknown, asked: string, where: string): void {
    if (!isObject(value)) return this.report(where, 'it is no object');
    if (++this.#objects > SPDX_OBJECTS_MAX) {
      if (this.#objects === SPDX_OBJECTS_MAX + 1) this.report(where, 'there are too many objects');
      return;
    }
    const type = textField(value, 'type');
    if (type === undefined) return this.report(where, 'it does not say its type');
    const known = this.#classes.get(type);
    if (this.#isA(asked, 'extension_Extension') && (known !== undefined || IRI.test(type))) {
      // What is inside is its maker's business, but for the one extension that the model holds itself.
      if (type !== 'extension_CdxPropertiesExtension') return;
    }
    if (known === undefined || known.abstract)
      return this.report(where, `${type.slice(0, 60)} is no type of the model`);
    if (asked !== '' && !this.#isA(type, asked)) {
      return this.report(where, `a ${type.slice(0, 60)} stands where ${asked} is asked for`);
    }
    this.#properties(value, type, where);
  }

  #properties(value: JsonObject, type: string, where: string): void {
    const element = this.#isA(type, 'Element');
    const id = value[element ? 'spdxId' : '@id'];
    if (element && id === undefined) this.report(where, 'it has no spdxId');
    if (id !== undefined && !(isText(id) && (element ? IRI : IRI_OR_BLANK).test(id))) {
      this.report(where, 'its identifier is no IRI');
    }
    const allowed = this.#allProperties(type);
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'type' || key === (element ? 'spdxId' : '@id')) continue;
      const property = allowed.get(key);
      if (property === undefined) this.report(where, `it has no property ${key.slice(0, 60)}`);
      else this.#value(inner, property, `${where}.${key}`);
    }
    for (const [key, { required }] of allowed) {
      if (required && !Object.hasOwn(value, key)) this.report(where, `${key} is missing`);
    }
    if (type === 'Hash') this.#hash(value, where);
  }

  #value(value: unknown, { type, least }: Property, where: string): void {
    if (least === undefined) return this.#one(value, type, where);
    if (!Array.isArray(value)) return this.report(where, 'it is no list');
    if (value.length < least) this.report(where, `it has fewer than ${least} entries`);
    value.forEach((one, i) => this.#one(one, type, `${where}[${i}]`));
  }

  #one(value: unknown, type: string, where: string): void {
    const target = type.slice(1);
    if (type.startsWith('=')) {
      if (!isText(value) || !this.#words.get(target)!.has(value)) {
        this.report(where, `${shown(value)} is none of the words it may be`);
      }
    } else if (!type.startsWith('>')) {
      const [fits, is] = SIMPLE[type]!;
      if (!fits(value)) this.report(where, `it is not ${is}`);
    } else if (!isText(value)) this.object(value, target, where);
    else if (!IRI_OR_BLANK.test(value)) {
      const individual = Object.hasOwn(INDIVIDUALS, value) ? INDIVIDUALS[value]! : undefined;
      if (individual === undefined || !this.#isA(individual, target)) {
        this.report(where, `${shown(value)} is no identifier`);
      }
    }
  }

  /** The model leaves the value open; one that its algorithm cannot give is of no use to anybody. */
  #hash(value: JsonObject, where: string): void {
    const word = textField(value, 'algorithm') ?? '';
    const algorithm = this.#words.get('hash')!.has(word) ? algorithmNamed(word) : null;
    const digest = textField(value, 'hashValue');
    if (algorithm === null || digest === undefined) return;
    if (digest.length !== 2 * DIGEST_BYTES[algorithm] || !/^[\da-f]+$/i.test(digest)) {
      this.report(`${where}.hashValue`, 'its algorithm gives no such value');
    }
  }

  #isA(type: string, asked: string): boolean {
    for (let at = type; at !== ''; at = this.#classes.get(at)?.above ?? '') if (at === asked) return true;
    return false;
  }

  #allProperties(type: string): ReadonlyMap<string, Property> {
    const all = new Map<string, Property>();
    for (let at = type; at !== ''; at = this.#classes.get(at)!.above) {
      for (const [key, property] of this.#classes.get(at)!.own) all.set(key, property);
    }
    return all;
  }
}

function compiled(): ReadonlyMap<string, ClassRules> {
  const classes = new Map<string, ClassRules>();
  for (const [name, above, properties] of CLASSES) {
    const own = new Map<string, Property>();
    for (const property of properties.split(',')) {
      const [key, type] = wordsOf(property);
      if (key === undefined || type === undefined) continue;
      const [, bare = '', least] = /^(.*?)([*12])?$/.exec(type)!;
      own.set(key.replace('!', ''), {
        required: key.endsWith('!'),
        type: bare,
        ...(least === undefined ? {} : { least: least === '*' ? 0 : Number(least) }),
      });
    }
    classes.set(name.replace('~', ''), { abstract: name.startsWith('~'), above, own });
  }
  for (const name of wordsOf(VOCABULARY_CLASSES)) classes.set(name, { abstract: false, above: '', own: new Map() });
  return classes;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function shown(value: unknown): string {
  return isText(value) ? `“${value.slice(0, 60)}”` : 'another kind of value';
}

/** A bill against the JSON schema of its version, by validators that were generated while building. */
import { AppError } from '../../../errors.ts';
import { BILL_PLACES_MAX } from '../../../limits.ts';
import { field } from '../json.ts';
import { Distinct } from './distinct.ts';
import { restAfter, wholePointer, type Rest } from './rest.ts';

/** Each is some 60 kB compressed and loaded when a bill of its version is there. */
const VALIDATORS: Readonly<Record<string, () => Promise<{ readonly validate: SchemaValidator }>>> = {
  '1.5': () => import('virtual:cyclonedx-1.5'),
  '1.6': () => import('virtual:cyclonedx-1.6'),
  '1.7': () => import('virtual:cyclonedx-1.7'),
};

/** Versions whose rules are here, as `specVersion` writes them. */
export function isKnownVersion(version: string): boolean {
  return Object.hasOwn(VALIDATORS, version);
}

/**
 * @param version one that is known
 * @throws AppError ATTEST_SCHEMA {where: JSON pointer, why: words; more: places found besides, also: their pointers}
 */
export async function checkSchema(bill: unknown, version: string): Promise<void> {
  const { validate } = await VALIDATORS[version]!();
  const found: Place[] = [];
  let rest: Rest | null = { bill, skipped: new Map() };
  while (rest !== null && found.length < BILL_PLACES_MAX && !validate.call(new Distinct(), rest.bill)) {
    const failures = validate.errors ?? [];
    // Kept by the function itself otherwise, with what it points into.
    delete validate.errors;
    const last = failures.at(-1);
    // What was left out before may be what is wanting now.
    if (last?.keyword === 'minItems' && rest.skipped.size > 0) break;
    found.push(told(rest, failures));
    rest = last === undefined ? null : restAfter(rest, placeOf(last));
  }
  const [first, ...more] = found;
  if (first === undefined) return;
  const also = more.map(({ where }) => where).join(', ');
  throw new AppError('ATTEST_SCHEMA', { ...first, ...(also === '' ? {} : { more: more.length, also }) });
}

interface Place {
  readonly where: string;
  readonly why: string;
}

/** A field too many is named by its owner's place. */
function placeOf({ instancePath, keyword, params }: SchemaFailure): string {
  if (instancePath !== '' || keyword !== 'additionalProperties') return instancePath;
  return `/${String(params['additionalProperty']).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const POINTER_SHOWN = 160;
const VALUE_SHOWN = 40;
const ALTERNATIVES_SHOWN = 3;
const CHOICES = new Set(['oneOf', 'anyOf', 'if']);

/** The one place that is wrong. When no alternative of a choice fits, what those lack that were meant. */
function told({ bill, skipped }: Rest, failures: readonly SchemaFailure[]): Place {
  const last = failures.at(-1);
  const where = shown(last, skipped);
  if (last === undefined) return { where, why: 'It is not what the schema demands' };
  if (!CHOICES.has(last.keyword)) return { where, why: sentence(words(bill, last)) };
  if (Array.isArray(last.params['passingSchemas'])) return { where, why: 'It has two forms at once' };
  // The alternative that got furthest into the bill is the one that was meant.
  const inner = failures.filter(({ keyword }) => !CHOICES.has(keyword));
  const deepest = inner.reduce((most, { instancePath }) => Math.max(most, instancePath.length), 0);
  const meant = inner.filter(({ instancePath }) => instancePath.length === deepest);
  const lacks = [...new Set(meant.map((one) => words(bill, one)))].slice(0, ALTERNATIVES_SHOWN);
  const why = lacks.length > 1 ? `It has none of the allowed forms: ${lacks.join('; or ')}` : sentence(lacks[0] ?? '');
  return { where: shown(meant[0] ?? last, skipped), why };
}

function shown(failure: SchemaFailure | undefined, skipped: Rest['skipped']): string {
  const pointer = wholePointer(failure?.instancePath ?? '', skipped) || '/';
  return pointer.length <= POINTER_SHOWN ? pointer : `…${pointer.slice(1 - POINTER_SHOWN)}`;
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A failure in words. Text from the bill is cut; who shows it cleans it. */
function words(bill: unknown, { instancePath, keyword, params }: SchemaFailure): string {
  const text = (key: string): string => String(params[key] ?? '').slice(0, 2 * VALUE_SHOWN);
  const limit = Number(params['limit']);
  const it = valueAt(bill, instancePath);
  switch (keyword) {
    case 'required':
      return `the field ${text('missingProperty')} is missing`;
    case 'additionalProperties':
      return `there is a field ${text('additionalProperty')}, which the standard does not have there`;
    case 'type':
      return `it must be ${TYPES[text('type')] ?? text('type')}`;
    case 'enum':
    case 'const':
      return `${it} is none of the values the standard has for it`;
    case 'format':
      return `${it} is not ${KINDS[text('format')] ?? `a ${text('format')}`}`;
    case 'pattern':
      return `${it} is not in the form the standard gives`;
    case 'uniqueItems':
      return 'two entries of the list are the same';
    case 'minLength':
      return limit === 1 ? 'it is empty' : `it is shorter than ${limit} characters`;
    case 'minItems':
      return limit === 1 ? 'the list is empty' : `the list has fewer than ${limit} entries`;
    case 'maxLength':
      return `it is longer than ${limit} characters`;
    case 'maxItems':
    case 'additionalItems':
      return `the list has more than ${limit} entries`;
    case 'minimum':
      return `it is less than ${limit}`;
    case 'maximum':
      return `it is more than ${limit}`;
    case 'not':
      return 'it has fields that may not stand together';
    default:
      return `it breaks the rule “${keyword}”`;
  }
}

/** The text or number a JSON pointer leads to, in quotation marks; `it` for anything larger. */
function valueAt(bill: unknown, pointer: string): string {
  let value = bill;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = Array.isArray(value) ? value[Number(key)] : field(value, key);
  }
  if (typeof value !== 'string' && typeof value !== 'number') return 'it';
  const text = String(value);
  return `“${text.length <= VALUE_SHOWN ? text : `${text.slice(0, VALUE_SHOWN - 1)}…`}”`;
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'text',
};

const KINDS: Readonly<Record<string, string>> = {
  date: 'a date (2026-01-31)',
  'date-time': 'a time (2026-01-31T12:00:00Z)',
  'idn-email': 'an e-mail address',
  'iri-reference': 'an address',
  uri: 'an address',
};

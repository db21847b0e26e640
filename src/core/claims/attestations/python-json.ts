/** JSON exactly as Python's `json.dumps` writes it: what many tools hash and sign. */
import { AppError } from '../../errors.ts';
import { JsonNumber, type JsonValue } from '../../formats/json-reader.ts';
import { compareCodePoints } from './code-points.ts';

/** `separators` of Python: its default, and the compact form. */
export type Separators = readonly [item: ', ' | ',', key: ': ' | ':'];

/** From here the reader cuts the text of a number, and what was cut cannot be written again. */
const NUMBER_TEXT_MAX = 40;

/**
 * `json.dumps(value, sort_keys=True, separators=…)` with Python's default `ensure_ascii=True`: keys by code points,
 * everything outside ASCII escaped. Numbers stay as they were written, because Python tells `1` from `1.0`.
 *
 * @throws AppError ATTEST_JSON for a number too long to be kept as written
 */
export function pythonJson(value: JsonValue, separators: Separators): string {
  const [item, key] = separators;
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return asciiJson(value);
  if (value instanceof JsonNumber) {
    if (value.text.length >= NUMBER_TEXT_MAX) throw new AppError('ATTEST_JSON', { why: 'a number of unusual length' });
    return value.text;
  }
  if (!(value instanceof Map)) {
    return `[${(value as readonly JsonValue[]).map((one) => pythonJson(one, separators)).join(item)}]`;
  }
  const members = [...(value as ReadonlyMap<string, JsonValue>)].sort(([a], [b]) => compareCodePoints(a, b));
  return `{${members.map(([name, one]) => asciiJson(name) + key + pythonJson(one, separators)).join(item)}}`;
}

/** JSON of a string with everything outside ASCII escaped, surrogate by surrogate. */
export function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * What a person expects of the machine that made an AICert proof: values of the registers that its boot measures, and ids
 * of the container images it ran. AICert's own client reads the same files (`measurements_azure.json`:
 * `{"measurements": {"0": hex, "4": hex}}`); the images stand under `"containers": {name: id}`.
 */
import { AppError } from '../../../errors.ts';
import { MEASUREMENTS_MAX } from '../../../limits.ts';
import { field, isObject, strictJson, type JsonObject } from '../json.ts';
import type { Supplied } from '../kind.ts';

export interface Measurements {
  /** SHA-256 register → its value, lower-case hex. */
  readonly registers: ReadonlyMap<number, string>;
  /** Image name → id, `sha256:…`. */
  readonly containers: ReadonlyMap<string, string>;
}

/** True for files that state measurements, whatever else is wrong with them. */
export function isMeasurements(bytes: Uint8Array): boolean {
  try {
    const value = strictJson(bytes);
    return isObject(field(value, 'measurements')) || isObject(field(value, 'containers'));
  } catch {
    return false;
  }
}

/** Several files together; later ones win. @throws AppError ATTEST_POLICY_FILE {why} */
export function readMeasurements(supplied: readonly Supplied[]): Measurements {
  const registers = new Map<number, string>();
  const containers = new Map<string, string>();
  for (const { bytes } of supplied) {
    const value = parsed(bytes);
    for (const [key, hex] of entries(value, 'measurements')) {
      if (!/^(?:\d|1\d|2[0-3])$/.test(key)) throw refused(`“${key.slice(0, 40)}” is no register`);
      if (!/^[0-9a-f]{64}$/i.test(hex)) throw refused(`register ${key} is not 64 hexadecimal digits`);
      registers.set(Number(key), hex.toLowerCase());
    }
    for (const [name, id] of entries(value, 'containers')) containers.set(name, id);
  }
  return { registers, containers };
}

function parsed(bytes: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = strictJson(bytes);
  } catch (error) {
    throw new AppError('ATTEST_POLICY_FILE', { why: 'not JSON' }, error);
  }
  if (!isObject(value)) throw refused('not an object');
  // A misspelt field would be an expectation that is silently never checked.
  const other = Object.keys(value).find((key) => key !== 'measurements' && key !== 'containers');
  if (other !== undefined) throw refused(`“${other.slice(0, 40)}” is not understood`);
  return value;
}

function entries(value: JsonObject, key: string): readonly (readonly [string, string])[] {
  const listed = field(value, key);
  if (listed === undefined) return [];
  if (!isObject(listed)) throw refused(`“${key}” is not an object`);
  const pairs = Object.entries(listed);
  if (pairs.length > MEASUREMENTS_MAX) throw refused(`“${key}” has too many entries`);
  return pairs.map(([name, one]) => {
    if (typeof one !== 'string') throw refused(`“${name.slice(0, 40)}” is no text`);
    return [name, one] as const;
  });
}

function refused(why: string): AppError {
  return new AppError('ATTEST_POLICY_FILE', { why });
}

/** Fields of a recipe, each held to what it may be. */
import { AppError } from '../errors.ts';

export function refuse(problem: string): AppError {
  return new AppError('USAGE', { problem: `The recipe cannot be used: ${problem}.` });
}

export function object(value: unknown, what: string, fields: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(`${what} is no object`);
  const unknown = Object.keys(value).find((key) => !fields.includes(key));
  if (unknown !== undefined) throw refuse(`${JSON.stringify(unknown.slice(0, 60))} is not a field of ${what}`);
  return { ...value };
}

export function numberOf(value: unknown, what: string, low: number, high: number): number {
  if (typeof value !== 'number' || !(value >= low && value <= high)) {
    throw refuse(`${what} is a number from ${low} to ${high}`);
  }
  return value;
}

export function step(value: unknown): number {
  const number = numberOf(value, 'a step', 0, Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(number)) throw refuse('a step is a whole number');
  return number;
}

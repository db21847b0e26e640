import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { Validators } from './validators.ts';

const NOW = Date.parse('2025-06-01T12:00:00Z');

function after(...answers: Record<string, string>[]): Validators | string {
  const validators = new Validators('f', NOW);
  try {
    for (const headers of answers) validators.check(new Headers(headers));
    return validators;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

function strong(headers: Record<string, string>): boolean {
  return (after(headers) as Validators).strong;
}

describe('validators', () => {
  const date = 'Sun, 01 Jun 2025 11:00:00 GMT';
  const later = 'Sun, 01 Jun 2025 11:59:30 GMT';

  it('see a change in another ETag, or another date when there is no ETag to compare', () => {
    expect(after({ etag: '"a"' }, { etag: '"b"' })).toBe('SOURCE_CHANGED');
    expect(after({ 'last-modified': date }, { 'last-modified': later })).toBe('SOURCE_CHANGED');
    expect(after({ etag: '"a"', 'last-modified': date }, { 'last-modified': later })).toBe('SOURCE_CHANGED');
    expect(after({}, { etag: '"a"' }, { etag: '"b"' })).toBe('SOURCE_CHANGED');
  });

  it('see none in the weak form of the same ETag, a missing one, or another date under the same ETag', () => {
    expect(after({ etag: '"a"' }, { etag: 'W/"a"' })).toBeInstanceOf(Validators);
    expect(after({ etag: '"a"' }, {}, { etag: '"a"' })).toBeInstanceOf(Validators);
    const dated = (when: string): Record<string, string> => ({ etag: '"a"', 'last-modified': when });
    expect(after(dated(date), dated(later))).toBeInstanceOf(Validators);
  });

  it('prove sameness by a strong ETag or a date that was not fresh', () => {
    expect(strong({ etag: '"a"' })).toBe(true);
    expect(strong({ etag: 'W/"a"', 'last-modified': date })).toBe(false);
    expect(strong({ 'last-modified': date })).toBe(true);
    expect(strong({ 'last-modified': later })).toBe(false);
    expect(strong({ 'last-modified': 'yesterday' })).toBe(false);
    expect(strong({})).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import { parseOptions } from './args.ts';

const problem = (argv: string[]): string => {
  try {
    parseOptions(argv);
  } catch (error) {
    if (error instanceof AppError && error.code === 'USAGE') return String(error.detail['problem']);
    throw error;
  }
  return 'understood';
};

describe('the grammar of the command line', () => {
  it('takes --against any number of times, in order', () => {
    const options = parseOptions(['verify', 'm.gguf', '--against', 'SHA256SUMS', '--against', 'hf:a/b@c', '--json']);
    expect(options).toMatchObject({
      command: 'verify',
      target: 'm.gguf',
      against: ['SHA256SUMS', 'hf:a/b@c'],
      json: true,
      offline: false,
    });
    expect(options).not.toHaveProperty('db');
  });
  it('shows help without arguments and for --help anywhere', () => {
    expect(parseOptions([]).command).toBe('help');
    expect(parseOptions(['verify', 'x', '--help']).command).toBe('help');
  });
  it('names what it does not understand', () => {
    expect(problem(['scan', 'x'])).toContain('"scan"');
    expect(problem(['verify'])).toContain('needs a file');
    expect(problem(['verify', 'a', 'b'])).toContain('"b"');
    expect(problem(['verify', 'a', '--agianst', 'x'])).toContain('--agianst');
  });
  it('takes a target that begins with a dash after --', () => {
    expect(parseOptions(['hash', '--', '-odd.gguf']).target).toBe('-odd.gguf');
  });
});

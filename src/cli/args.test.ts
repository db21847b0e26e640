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
  it('takes another model to compare numbers with, and what to read of a model', () => {
    expect(parseOptions(['verify', 'a.gguf', '--same-weights-as', './b'])).toMatchObject({ sameWeightsAs: './b' });
    expect(parseOptions(['verify', 'a.gguf'])).not.toHaveProperty('sameWeightsAs');
    expect(problem(['verify', 'a', '--same-weights-as'])).toContain('same-weights-as');
    const asked = parseOptions(['inspect', 'm', '--canonical', '--stats', '--all']);
    expect(asked).toMatchObject({ canonical: true, stats: true, all: true });
    expect(parseOptions(['inspect', 'm'])).toMatchObject({ canonical: false, stats: false, all: false });
  });
  it('shows help without arguments and for --help anywhere', () => {
    expect(parseOptions([]).command).toBe('help');
    expect(parseOptions(['verify', 'x', '--help']).command).toBe('help');
  });
  it('names what it does not understand', () => {
    expect(problem(['sacn', 'x'])).toContain('"sacn"');
    expect(problem(['verify'])).toContain('needs a file');
    expect(problem(['verify', 'a', 'b'])).toContain('"b"');
    expect(problem(['verify', 'a', '--agianst', 'x'])).toContain('--agianst');
  });
  it('compares two models, no fewer and no more', () => {
    expect(parseOptions(['compare', 'a', 'b', '--timing'])).toMatchObject({ target: 'a', other: 'b', timing: true });
    expect(problem(['compare', 'a'])).toContain('two models');
    expect(problem(['compare', 'a', 'b', 'c'])).toContain('"c"');
  });
  it('imports one database', () => {
    expect(parseOptions(['db', 'import-mpk', 'kit.zip', '--out', 'x'])).toMatchObject({
      command: 'db',
      target: 'kit.zip',
      out: 'x',
    });
    expect(problem(['db', 'import-mpk'])).toContain('one folder');
    expect(problem(['db', 'import-mpk', 'a', 'b'])).toContain('one folder');
    expect(problem(['db', 'build', 'a'])).toContain('"assay db build"');
  });
  it('holds numbers of a scan to their ranges', () => {
    expect(parseOptions(['scan', 'm', '--top-k', '10', '--threshold', '0.4'])).toMatchObject({
      topK: 10,
      threshold: 0.4,
    });
    for (const [option, value] of [
      ['--top-k', '0'],
      ['--top-k', '1.5'],
      ['--threshold', '2'],
      ['--threshold', ''],
    ] as const) {
      expect(problem(['scan', 'm', option, value])).toContain(option);
    }
  });
  it('takes a target that begins with a dash after --', () => {
    expect(parseOptions(['hash', '--', '-odd.gguf']).target).toBe('-odd.gguf');
  });
});

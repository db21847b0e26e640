import { describe, expect, it } from 'vitest';
import { FINDING_CODES } from '../../core/content/finding.ts';
import { ERROR_CODES } from '../../core/errors.ts';
import { NOT_A_MODEL_KINDS } from '../../core/formats/not-a-model.ts';
import { explain } from './errors.ts';
import { clean } from '../../core/report/words/detail.ts';
import { describeFinding } from './findings.ts';
import { explainNotAModel } from '../../core/report/words/not-a-model.ts';

/** Every key any of the words looks at, with hostile text in it. */
const HOSTILE = Object.fromEntries(
  ['path', 'name', 'tensor', 'key', 'url', 'host', 'repo', 'text', 'message', 'problem', 'file', 'title'].map((key) => [
    key,
    `\u202Eevil\u0000<b>${'x'.repeat(5000)}`,
  ]),
);

function expectWords(words: readonly string[]): void {
  for (const text of words) {
    expect(text.trim()).not.toBe('');
    expect(text).not.toMatch(/undefined|NaN|\[object|null/);
    expect(text).not.toMatch(/ {2}|\(\)| [.,;]/);
    expect(text.length).toBeLessThan(600);
  }
}

describe('words of errors', () => {
  it.each(ERROR_CODES)('%s has words without details', (code) => {
    const { title, why, next } = explain({ code, detail: {} });
    expectWords([title, why, next]);
    expect(title).not.toMatch(/\.$/);
    expect(next).toMatch(/[.!?)]$/);
  });
  it.each(ERROR_CODES)('%s keeps hostile details visible, bounded and on one line', (code) => {
    const { title, why, next } = explain({ code, detail: HOSTILE });
    expectWords([title, why, next]);
    // oxlint-disable-next-line no-control-regex
    expect(title + why + next).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
  it('names the first lost tensor and the missing bytes of a truncated file', () => {
    const { title, why } = explain({
      code: 'FORMAT_TRUNCATED',
      detail: { missing: 412_000_000, tensor: 'blk.27.ffn_down.weight' },
    });
    expect(title).toBe('The file ends 412.0 MB early');
    expect(why).toContain('blk.27.ffn_down.weight');
  });
  it('never takes a detail from the prototype of the detail object', () => {
    expect(explain({ code: 'USAGE', detail: {} }).why).not.toContain('function');
  });
});

describe('words of findings', () => {
  it.each(FINDING_CODES)('%s has words without details', (code) => {
    const { title, why } = describeFinding({ code, severity: 'note', detail: {} });
    expectWords([title, why]);
  });
});

describe('words of what is not a model', () => {
  it.each(NOT_A_MODEL_KINDS)('%s has words that follow a file name', (kind) => {
    const { title, why, next } = explainNotAModel({ kind, detail: {} }, 134);
    expectWords([title, why, next]);
    expect(title).toMatch(/^(is|was|holds|lost) /);
  });
  it('states the size of a Git LFS pointer', () => {
    expect(explainNotAModel({ kind: 'git-lfs-pointer', detail: {} }, 134).title).toBe(
      'is a Git LFS pointer (134 bytes), not weights',
    );
  });
});

describe('clean', () => {
  it('shows marks that reorder or hide text as a visible dot', () => {
    expect(clean('model\u202Egpj.safetensors\u200b')).toBe('model·gpj.safetensors·');
  });
});

describe('a part of the database that is not used', () => {
  it('is named', () => {
    for (const code of ['DB_SHARD_DIGEST', 'DB_SHARD_MISSING'] as const) {
      expect(explain({ code, detail: { file: 'files/0a.json' } }).title).toContain('files/0a.json');
    }
  });
});

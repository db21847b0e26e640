import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../errors.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import { algorithmNamed } from '../../algorithm-names.ts';
import type { CoveredFile, Step, Warning } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import { Steps } from '../steps.ts';
import type { Bill, BillHash, BillOther } from './bill.ts';
import { beside } from './bom.suite.ts';
import { checkFiles } from './files.ts';

const of = (name: string, text: string): BillHash => {
  const algorithm = algorithmNamed(name) as Algorithm;
  return {
    written: name,
    algorithm,
    value: createHash(name.replace('-', '').toLowerCase()).update(text).digest('hex'),
  };
};
const sha256 = (text: string): BillHash => of('SHA-256', text);

function billOf(files: Readonly<Record<string, readonly BillHash[]>>, others: readonly BillOther[] = []): Bill {
  const listed = Object.entries(files).map(([name, hashes]) => ({ name, hashes }));
  return { form: 'cyclonedx', version: '1.6', models: [], files: listed, others, fields: new Map(), signed: false };
}

interface Checked {
  readonly step: Step;
  readonly rows: readonly CoveredFile[];
  readonly warnings: readonly string[];
}

async function check(bill: Bill, input: AttestationInput): Promise<Checked> {
  const steps = new Steps();
  const warnings: Warning[] = [];
  const rows = await checkFiles(bill, input, steps, warnings);
  expect(steps.list()).toHaveLength(1);
  return { step: steps.list()[0]!, rows, warnings: warnings.map(({ code }) => code) };
}

const states = (rows: readonly CoveredFile[]): readonly string[] =>
  rows.map(({ path, algorithm, state }) => `${path} ${algorithm} ${state}`);

describe('the hashes of a bill against the files beside it', () => {
  const files = { 'model.safetensors': 'weights', 'tokenizer.json': '{}' };

  it('every file as stated, by whatever hash, is a match without a warning', async () => {
    const bill = billOf({
      'model.safetensors': [of('SHA-1', 'weights'), of('SHA-512', 'weights')],
      'tokenizer.json': [sha256('{}')],
    });
    const { step, rows, warnings } = await check(bill, beside(files));
    expect(step).toMatchObject({ outcome: 'matches', detail: { same: 2, hashes: 3, notComputed: 0 } });
    expect(states(rows)).toEqual(['model.safetensors sha512 same', 'tokenizer.json sha256 same']);
    expect(warnings).toEqual([]);
  });

  it('one hash that differs is a contradiction although another of the same file is as stated', async () => {
    const bill = billOf({
      'model.safetensors': [sha256('other'), of('SHA-512', 'weights')],
      'tokenizer.json': [sha256('{}')],
    });
    const { step, rows } = await check(bill, beside(files));
    expect(step).toMatchObject({
      outcome: 'contradicts',
      reason: { code: 'ATTEST_BILL_FILES', detail: { changed: 'model.safetensors', missing: '' } },
    });
    expect(states(rows)).toEqual(['model.safetensors sha256 changed', 'tokenizer.json sha256 same']);
  });

  it('what is said twice of one file under two names all counts', async () => {
    const bill = billOf({ './model.safetensors': [sha256('weights')], 'model.safetensors': [of('MD5', 'other')] });
    const { step, rows } = await check(bill, beside(files));
    expect(step.outcome).toBe('contradicts');
    expect(states(rows)).toEqual(['model.safetensors md5 changed']);
  });

  it('a listed file with a hash that is not here is missing, by name; one without a hash is not asked for', async () => {
    const bill = billOf({ 'model.safetensors': [sha256('weights')], 'extra.bin': [sha256('')], 'README.md': [] });
    const { step, rows } = await check(bill, beside(files));
    expect(step).toMatchObject({
      outcome: 'contradicts',
      reason: { detail: { missing: 'extra.bin', missingCount: 1 } },
    });
    expect(states(rows)).toEqual(['model.safetensors sha256 same', 'extra.bin sha256 missing']);
  });

  it('a bill alone says nothing about files that nobody gave', async () => {
    const { step } = await check(billOf({ 'model.safetensors': [sha256('weights')] }), beside({}));
    expect(step).toMatchObject({ outcome: 'could-not-check', reason: { code: 'ATTEST_NO_FILE' } });
  });

  it('MD5 and SHA-1 alone are a match with a warning, and weights that no hash covers are another', async () => {
    const weak = billOf({ 'model.safetensors': [of('MD5', 'weights'), of('SHA-1', 'weights')] });
    expect(await check(weak, beside(files))).toMatchObject({
      step: { outcome: 'matches' },
      warnings: ['weak-hash-only'],
    });
    const bare = billOf({ 'tokenizer.json': [sha256('{}')] });
    expect(await check(bare, beside(files))).toMatchObject({
      step: { outcome: 'matches' },
      warnings: ['weights-without-hash'],
    });
  });

  it('what is weights goes by the header that was read, before the name', async () => {
    const bill = billOf({ 'tokenizer.json': [sha256('{}')] });
    const headers = { 'model.safetensors': { metadata: [], tensors: [] } };
    expect((await check(bill, beside(files, '{}', { headers }))).warnings).toEqual([]);
  });

  it('no hash of any file could not be checked, and says of what there are hashes', async () => {
    const data = { name: 'corpus', what: 'data', hashes: [sha256('weights')] } as const;
    const { step, rows } = await check(billOf({ 'model.safetensors': [] }, [data]), beside(files));
    expect(step).toMatchObject({
      outcome: 'could-not-check',
      reason: { code: 'ATTEST_NO_HASHES', detail: { others: 1 } },
    });
    expect(rows).toEqual([]);
  });

  it('a hash that is not computed here leaves its file open, and takes nothing from one that is', async () => {
    const streebog = { written: 'Streebog-256', value: '00'.repeat(32) };
    const alone = await check(billOf({ 'model.safetensors': [streebog] }), beside(files));
    expect(alone.step).toMatchObject({ outcome: 'could-not-check', reason: { code: 'CLAIM_ALGORITHM' } });
    const both = await check(billOf({ 'model.safetensors': [streebog, sha256('weights')] }), beside(files));
    expect(both.step).toMatchObject({ outcome: 'matches', detail: { notComputed: 1 } });
  });

  it('a digest of an impossible length is one that no file has', async () => {
    const short = { written: 'SHA-256', algorithm: 'sha256', value: 'ab'.repeat(16) } as const;
    const { step, rows } = await check(billOf({ 'model.safetensors': [short] }), beside(files));
    expect(step.outcome).toBe('contradicts');
    expect(rows[0]?.reason?.code).toBe('CLAIM_DIGEST');
  });

  it('a file that cannot be read leaves the others compared', async () => {
    const unreadable = { 'tokenizer.json': new AppError('ATTEST_NO_BYTES', {}) };
    const bill = billOf({ 'model.safetensors': [sha256('weights')], 'tokenizer.json': [sha256('{}')] });
    const { step, rows } = await check(bill, beside(files, '{}', { unreadable }));
    expect(step).toMatchObject({ outcome: 'could-not-check', reason: { code: 'ATTEST_NO_BYTES' } });
    expect(states(rows)).toEqual(['model.safetensors sha256 same', 'tokenizer.json sha256 not-checked']);
  });
});

describe('a hash of the model itself', () => {
  const model = (text: string): BillOther => ({ name: 'tiny', what: 'model', hashes: [sha256(text)] });

  it('is shown when it is the one weights file’s, and the whole stays open', async () => {
    const { step, rows } = await check(
      billOf({}, [model('weights')]),
      beside({ 'a.safetensors': 'weights', 'b.json': '' }),
    );
    expect(step).toMatchObject({
      outcome: 'could-not-check',
      reason: { code: 'ATTEST_NO_FILE_NAMED', detail: { same: 'a.safetensors' } },
    });
    expect(states(rows)).toEqual(['a.safetensors sha256 same']);
  });

  it('is never held against a file', async () => {
    const { step, rows } = await check(billOf({}, [model('other')]), beside({ 'a.safetensors': 'weights' }));
    expect(step).toMatchObject({ outcome: 'could-not-check', reason: { code: 'ATTEST_NO_FILE_NAMED' } });
    expect(rows).toEqual([]);
  });

  it('means none of several weights files, even the one that has it', async () => {
    const { step, rows } = await check(
      billOf({}, [model('weights')]),
      beside({ 'a.safetensors': 'weights', 'b.gguf': '' }),
    );
    expect(step).toMatchObject({ outcome: 'could-not-check', reason: { detail: { candidates: 2 } } });
    expect(rows).toEqual([]);
  });

  it('in SHA-1 is the commit of a repository as often as not, and is not compared', async () => {
    const commit = { ...model('weights'), hashes: [of('SHA-1', 'weights')] };
    const alone = await check(billOf({}, [commit]), beside({ 'a.safetensors': 'weights' }));
    expect(alone.step).toMatchObject({ outcome: 'could-not-check', reason: { code: 'ATTEST_NO_FILE_NAMED' } });
    expect(alone.rows).toEqual([]);
    const both = { ...commit, hashes: [of('SHA-1', 'a commit'), sha256('weights')] };
    const { rows } = await check(billOf({}, [both]), beside({ 'a.safetensors': 'weights' }));
    expect(states(rows)).toEqual(['a.safetensors sha256 same']);
  });

  it('of a package, a data set or a reference is compared with nothing', async () => {
    for (const what of ['package', 'data', 'reference'] as const) {
      const { step, rows } = await check(
        billOf({}, [{ ...model('weights'), what }]),
        beside({ 'a.safetensors': 'weights' }),
      );
      expect(step.reason?.code).toBe('ATTEST_NO_HASHES');
      expect(rows).toEqual([]);
    }
  });
});

describe('which file a name means', () => {
  const means = async (name: string, paths: readonly string[], path = 'bom.json'): Promise<string> => {
    const files = Object.fromEntries(paths.map((one) => [one, one]));
    const { rows } = await check(billOf({ [name]: [sha256('?')] }), beside(files, '{}', { path }));
    return `${rows[0]!.path} ${rows[0]!.state} ${rows[0]!.reason?.code ?? ''}`.trim();
  };

  it.each([
    ['a.bin', ['a.bin', 'sub/a.bin'], 'bom.json', 'a.bin changed'],
    ['sub/a.bin', ['a.bin', 'sub/a.bin'], 'bom.json', 'sub/a.bin changed'],
    ['./sub//a.bin', ['sub/a.bin'], 'bom.json', 'sub/a.bin changed'],
    ['a.bin', ['sub/a.bin'], 'bom.json', 'sub/a.bin changed'],
    ['tiny/a.bin', ['a.bin'], 'bom.json', 'a.bin changed'],
    ['a.bin', ['x/a.bin', 'y/a.bin'], 'bom.json', 'a.bin not-checked ATTEST_NO_FILE_NAMED'],
    ['unet/a.bin', ['vae/a.bin'], 'bom.json', 'unet/a.bin missing'],
    ['a.bin', ['ba.bin'], 'bom.json', 'a.bin missing'],
    ['a.bin', ['A.bin'], 'bom.json', 'a.bin missing'],
    ['a.bin', ['a.bin'], 'sbom/bom.json', 'a.bin changed'],
    ['a.bin', ['one/x.bin', 'two/a.bin'], 'one/bom.json', 'one/a.bin missing'],
    ['a.bin', ['a.bin', 'one/x.bin'], 'one/bom.json', 'one/a.bin missing'],
  ])('%j among %j beside %s is %s', async (name, paths, path, expected) => {
    expect(await means(name, paths, path)).toBe(expected);
  });

  it('names that leave the folder or hide another are refused, and stay open', async () => {
    for (const name of [
      '/etc/passwd',
      '../a.bin',
      'x/../a.bin',
      'C:/a.bin',
      'file:a.bin',
      'x\\a.bin',
      'a.bin\0',
      '',
      '.',
    ]) {
      expect(await means(name, ['a.bin'])).toBe(`${name} not-checked CLAIM_PATH`.trim());
    }
  });

  it('a file that is listed under its own path is meant by no other name', async () => {
    const bill = billOf({ 'tiny/a.bin': [sha256('?')], 'a.bin': [sha256('A')] });
    const { rows } = await check(bill, beside({ 'a.bin': 'A' }));
    expect(states(rows)).toEqual(['tiny/a.bin sha256 missing', 'a.bin sha256 same']);
  });

  it('two names that lead to one file by their ends lead to none', async () => {
    const bill = billOf({ 'x/a.bin': [sha256('a.bin')], 'y/a.bin': [sha256('?')] });
    const { step } = await check(bill, beside({ 'a.bin': 'a.bin' }));
    expect(step).toMatchObject({ outcome: 'could-not-check', reason: { code: 'ATTEST_NO_FILE_NAMED' } });
  });

  it('any names are answered, and only a file with the stated hash is ever the same', async () => {
    const name = fc.oneof(
      fc.constantFrom('a.bin', 'x/a.bin', '..', 'constructor', '__proto__'),
      fc.string({ maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(name, { maxLength: 8 }), fc.boolean(), async (names, right) => {
        const listed = names.map((one) => ({ name: one, hashes: [sha256(right ? 'A' : 'B')] }));
        const { step, rows } = await check({ ...billOf({}), files: listed }, beside({ 'a.bin': 'A', 'z/y.json': 'C' }));
        for (const { state, path } of rows) if (state === 'same') expect([right, path]).toEqual([true, 'a.bin']);
        expect(step.outcome === 'matches').toBe(rows.length > 0 && rows.every(({ state }) => state === 'same'));
      }),
    );
  });
});

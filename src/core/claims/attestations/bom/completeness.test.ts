import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CompletenessRow } from '../attestation.ts';
import { BILL_FIELDS, type Bill, type BillField, type BillFile } from './bill.ts';
import { beside } from './bom.suite.ts';
import { completenessOf } from './completeness.ts';

const digest = (algorithm: 'sha256' | 'md5') => (text: string) => ({
  written: algorithm,
  algorithm,
  value: createHash(algorithm).update(text).digest('hex'),
});
const sha256 = digest('sha256');
const md5 = digest('md5');

function bill(files: readonly BillFile[], fields: Partial<Record<BillField, string>> = {}): Bill {
  const stated = new Map(Object.entries(fields) as [BillField, string][]);
  return { form: 'spdx', version: '3.0.1', models: [], files, others: [], fields: stated, signed: false };
}

const FILES = { 'a.safetensors': 'A', 'b.safetensors': 'B', 'config.json': '{}' };
const first = (files: readonly BillFile[], here: Readonly<Record<string, string>> = FILES): CompletenessRow =>
  completenessOf(bill(files), beside(here), [])[0]!;

describe('what a bill says at all', () => {
  it('begins with how many weights files have a strong hash; other files do not count', () => {
    expect(
      first([
        { name: 'a.safetensors', hashes: [sha256('A')] },
        { name: 'config.json', hashes: [sha256('{}')] },
      ]),
    ).toEqual({
      id: 'weightsHashes',
      tier: 'critical',
      present: false,
      counted: [1, 2],
    });
    const both = ['a.safetensors', 'b.safetensors'].map((name) => ({ name, hashes: [sha256('x')] }));
    expect(first(both)).toMatchObject({ present: true, counted: [2, 2] });
  });

  it('counts no MD5, no hash that no file can have, and no file that is not here', () => {
    const short = { written: 'sha256', algorithm: 'sha256' as const, value: 'ff' };
    const unknown = { written: 'md6', value: 'ff' };
    const hashes = [md5('A'), short, unknown];
    expect(
      first([
        { name: 'a.safetensors', hashes },
        { name: 'c.safetensors', hashes: [sha256('C')] },
      ]).counted,
    ).toEqual([0, 2]);
  });

  it('is not present where there are no weights: nothing of nothing is nothing', () => {
    expect(first([], { 'config.json': '{}' })).toMatchObject({ present: false, counted: [0, 0] });
  });

  it('counts weights whose digest was found to be the model’s own', () => {
    const rows = [{ path: 'a.safetensors', state: 'same', algorithm: 'sha256' } as const];
    expect(completenessOf(bill([]), beside(FILES), rows)[0]!.counted).toEqual([1, 2]);
    expect(completenessOf(bill([]), beside(FILES), [{ ...rows[0]!, algorithm: 'md5' }])[0]!.counted).toEqual([0, 2]);
  });

  it('goes on with every expected field, in order, with the beginning of what it says', () => {
    const rows = completenessOf(
      bill([], { name: 'm', licenses: '  ', description: '𝕏'.repeat(400) }),
      beside(FILES),
      [],
    );
    expect(rows.slice(1).map(({ id }) => id)).toEqual([...BILL_FIELDS.critical, ...BILL_FIELDS.important]);
    expect(rows.find(({ id }) => id === 'name')).toEqual({ id: 'name', tier: 'critical', present: true, says: 'm' });
    expect(rows.find(({ id }) => id === 'licenses')).toEqual({ id: 'licenses', tier: 'important', present: false });
    const { says = '' } = rows.find(({ id }) => id === 'description')!;
    expect(says).toBe(`${'𝕏'.repeat(159)}…`);
  });
});

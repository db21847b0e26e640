import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { familyOf } from './family.ts';
import { estimateFromConfig, metadataFingerprint } from './metadata.ts';
import type { MetadataFingerprint } from './mfi.ts';
import { estimateParameters, isGatedMlp, parameterBucket } from './parameters.ts';

const golden = new URL('../../../../../shared/golden/mpk/', import.meta.url);
const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, golden), 'utf8')) as T;
const config = (value: unknown) => readConfig(new TextEncoder().encode(JSON.stringify(value)));

interface Expected {
  base_error?: unknown;
  mfi: MetadataFingerprint;
  classify: [string, number];
  param_estimate: { count: number; bucket: string; gated_mlp: boolean; count_from_autoconfig: number };
}

describe.runIf(existsSync(golden))('against MPK (../shared is there)', () => {
  const names = existsSync(golden) ? readdirSync(new URL('models/', golden)) : [];

  test.each(names)('%s: every field of the fingerprint, both hashes, the estimates', async (name) => {
    const expected = read<Expected>(`expected/${name}.json`);
    const bytes = readFileSync(new URL(`models/${name}/config.json`, golden));
    const made = async (): Promise<void> => {
      const found = await readConfig(bytes);
      const { mfi, param_estimate: size } = expected;
      const tokenizer = {
        bos: mfi?.bos_token_id ?? null,
        eos: mfi?.eos_token_id ?? null,
        hash: mfi?.tokenizer_hash ?? '',
      };
      const fingerprint = await metadataFingerprint(found, tokenizer);
      expect(fingerprint).toEqual(mfi);
      expect(familyOf(fingerprint.model_type)).toBe(expected.classify[0]);
      const count = estimateParameters(fingerprint);
      expect([count, parameterBucket(count), isGatedMlp(fingerprint)]).toEqual([
        size.count,
        size.bucket,
        size.gated_mlp,
      ]);
      expect(estimateFromConfig(found)).toBe(size.count_from_autoconfig);
    };
    if (expected.base_error === undefined) await made();
    else await expect(made()).rejects.toThrow(/FORMAT_/);
  });

  test('a file that holds only its type gets the 429 types’ own defaults', async () => {
    const rows = read<{ configs: { model_type: string; attributes: Record<string, unknown> }[] }>(
      'config_defaults.json',
    ).configs;
    const differ: string[] = [];
    for (const { model_type, attributes } of rows) {
      const { backbone } = await config({ model_type });
      for (const [key, value] of Object.entries(attributes)) {
        if (key === 'architectures') continue;
        if (JSON.stringify(sorted(backbone.get(key))) !== JSON.stringify(sorted(value)))
          differ.push(`${model_type}.${key}`);
      }
    }
    expect(rows).toHaveLength(429);
    expect(differ).toEqual([]);
  });
});

/** Keys in one order, for comparison as text. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]): [string, unknown] => [key, sorted(inner)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

test('a type that is not in the table is refused, never guessed', async () => {
  await expect(config({ model_type: 'my_model' })).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN_TYPE' });
  await expect(config({})).rejects.toMatchObject({ code: 'FORMAT_MISSING_FIELD' });
  await expect(config({ model_type: '__proto__' })).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN_TYPE' });
});

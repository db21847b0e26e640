import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ANCHOR_STRINGS, anchorIds } from '../anchors.ts';
import { scriptShares } from '../script-share.ts';
import { tokenizerFeatures, type TokenizerFeatures } from '../tfv.ts';
import { loadTokenizer } from './load.ts';

const golden = new URL('../../../../../../shared/golden/mpk/', import.meta.url);
const here = existsSync(golden);

interface Expected {
  base_error?: unknown;
  mfi: { model_type: string; tokenizer_hash: string };
  tfv: Omit<TokenizerFeatures, 'all_merges_str'> & {
    all_merges_str: { sha256_utf8: string };
    script_distribution_order: string[];
  };
  tokenizer_detail: { vocab_sha256: string };
  anchor_first_ids: Record<string, number | null>;
  anchors: { vocab_size_argument: number; ids: number[]; ids_without_tokenizer: number[] } | null;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe.runIf(here)('against transformers, through MPK (../shared is there)', () => {
  const names = here ? readdirSync(new URL('models/', golden)) : [];
  const rows = names
    .map((name) => ({
      name,
      expected: JSON.parse(readFileSync(new URL(`expected/${name}.json`, golden), 'utf8')) as Expected,
    }))
    .filter(({ expected }) => expected.base_error === undefined);

  test.each(rows)('$name: serialised form, features, anchors', async ({ name, expected }) => {
    const folder = new URL(`models/${name}/`, golden);
    const read = async (file: string): Promise<Uint8Array | null> =>
      existsSync(new URL(file, folder)) ? new Uint8Array(readFileSync(new URL(file, folder))) : null;
    const { tokenizer_class: stated = null } = JSON.parse(readFileSync(new URL('config.json', folder), 'utf8')) as {
      tokenizer_class?: string;
    };
    const loaded = await loadTokenizer(expected.mfi.model_type, stated, read);
    const features = await tokenizerFeatures(loaded.facts);
    const { all_merges_str: merges, script_distribution_order: order, ...plain } = expected.tfv;
    expect({ ...features, all_merges_str: null }).toEqual({ ...plain, all_merges_str: null });
    expect(Object.keys(features.script_distribution)).toEqual(order);
    if (merges !== undefined) expect(sha256(features.all_merges_str)).toBe(merges.sha256_utf8);
    const lines = [...loaded.facts.vocab].sort(([, a], [, b]) => a - b).map(([token, id]) => `${token}\t${id}`);
    expect(sha256(lines.join('\n'))).toBe(expected.tokenizer_detail.vocab_sha256);
    expect(Object.fromEntries(ANCHOR_STRINGS.map((text) => [text, loaded.firstId(text)]))).toEqual(
      expected.anchor_first_ids,
    );
    if (expected.anchors) {
      const { vocab_size_argument: size, ids, ids_without_tokenizer: random } = expected.anchors;
      expect(anchorIds((text) => loaded.firstId(text), scriptShares(loaded.facts.vocab.keys()), size)).toEqual(ids);
      expect(anchorIds(null, new Map(), size)).toEqual(random);
    }
    expect(loaded.hash).toBe(expected.mfi.tokenizer_hash);
  });
});

test('a class that is a program of its own is refused with a reason', async () => {
  const files = new Map([['tokenizer_config.json', '{"tokenizer_class": "CanineTokenizer"}']]);
  const read = async (name: string): Promise<Uint8Array | null> =>
    files.has(name) ? new TextEncoder().encode(files.get(name)) : null;
  await expect(loadTokenizer('canine', null, read)).rejects.toMatchObject({ code: 'SIGNAL_TOKENIZER' });
});

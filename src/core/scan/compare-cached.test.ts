import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../formats/sha256.ts';
import { tensor, writeSafetensors } from '../formats/writers.suite.ts';
import { loadKernels } from '../kernels/wasm.ts';
import { silentContext } from '../progress.ts';
import { pack } from '../signals/cache-pack.ts';
import { FEATURES_VERSION, type FeatureStore } from '../signals/cache.ts';
import { modelOf } from './compare.suite.ts';
import { signalsOfModel, type CacheTools } from './compare-cached.ts';
import type { ModelInput } from './compare-request.ts';

/** A store in memory, and how often content was asked for. */
function memory(): CacheTools & { readonly entries: Map<string, Uint8Array>; hashed: number } {
  const entries = new Map<string, Uint8Array>();
  const store: FeatureStore = {
    get: async (key) => entries.get(key) ?? null,
    put: async (key, entry) => void entries.set(key, entry),
    remove: async (key) => void entries.delete(key),
  };
  const cache = {
    store,
    entries,
    hashed: 0,
    contentOf: async (_: unknown, source: { read(a: number, b: number): Promise<Uint8Array>; size: number }) => {
      cache.hashed++;
      return `sha256:${await sha256Hex(await source.read(0, source.size))}`;
    },
  };
  return cache;
}

async function signals(model: ModelInput, cache: CacheTools) {
  return signalsOfModel(model, { kernels: loadKernels, cache }, silentContext());
}

const weights = (seed: number): Uint8Array =>
  writeSafetensors([
    tensor('model.layers.0.mlp.up_proj.weight', 'F32', [16, 16], seed),
    tensor('model.layers.1.mlp.up_proj.weight', 'F32', [16, 16], seed + 1),
  ]);
const files = (seed = 1): Record<string, Uint8Array> => ({
  'config.json': new TextEncoder().encode('{"model_type":"llama"}'),
  'model.safetensors': weights(seed),
});

describe('signals out of the cache', () => {
  it('are those that were extracted, of the same files wherever they lie and whatever the model is called', async () => {
    const cache = memory();
    const first = await signals(modelOf('a', files()), cache);
    const again = await signals(modelOf('renamed', files()), cache);
    expect([first.cached, again.cached]).toEqual([false, true]);
    expect({ ...again.signals, seconds: null }).toEqual({ ...first.signals, seconds: null });
    expect(again.signals.weights?.wvc?.get(1)).toBeInstanceOf(Float32Array);
  });

  it('are not those of a file with the same name and size of which one byte was changed', async () => {
    const cache = memory();
    await signals(modelOf('a', files()), cache);
    for (const name of ['model.safetensors', 'config.json']) {
      const edited = files();
      const bytes = edited[name]!.slice();
      // In the last tensor; in the name of the type.
      bytes[bytes.length - 4] = bytes[bytes.length - 4]! ^ 1;
      const found = await signals(modelOf('a', { ...edited, [name]: bytes }), cache);
      expect(found.cached).toBe(false);
    }
  });

  it('are not those of a model that has a file more, which extraction would have read', async () => {
    const cache = memory();
    await signals(modelOf('a', files()), cache);
    const more = { ...files(), 'tokenizer.json': new TextEncoder().encode('{}') };
    expect((await signals(modelOf('a', more), cache)).cached).toBe(false);
  });

  it('hit when the only weight file has another name, and miss when loaders look for that name', async () => {
    const cache = memory();
    const named = (name: string): ModelInput => modelOf('m', { [name]: weights(1) });
    await signals(named('one.safetensors'), cache);
    expect((await signals(named('two.safetensors'), cache)).cached).toBe(true);
    expect((await signals(named('model.safetensors'), cache)).cached).toBe(false);
    expect((await signals(named('two.bin'), cache)).cached).toBe(false);
  });

  it('are extracted anew when an entry was tampered with', async () => {
    const cache = memory();
    await signals(modelOf('a', files()), cache);
    const key = [...cache.entries.keys()].find((name) => name.startsWith('f-'))!;
    const entry = cache.entries.get(key)!.slice();
    entry[entry.length - 1] = entry.at(-1)! ^ 1;
    cache.entries.set(key, entry);
    expect((await signals(modelOf('a', files()), cache)).cached).toBe(false);
    expect((await signals(modelOf('a', files()), cache)).cached).toBe(true);
  });

  it('are not looked for by hashing files that no kept model could be', async () => {
    const cache = memory();
    const held = { ...cache, contentOf: async () => null };
    await signals(modelOf('a', files()), held);
    expect(cache.entries.size).toBe(0);
  });
});

/** Known signals of a known model: when these change, so must the version, or old entries would be believed. */
const A0 = '../shared/golden/lineage/models/a0';
const KNOWN = { version: 1, digest: 'aa6b2d666c8500c6e95a25fcc560af9a977cc0bd5d065d9232cf43339e95ab86' };

it.skipIf(!existsSync(A0))('the version of kept signals belongs to the values that are extracted now', async () => {
  const model = modelOf(
    'a0',
    Object.fromEntries(readdirSync(A0).map((name) => [name, new Uint8Array(readFileSync(join(A0, name)))])),
  );
  const { fingerprint, tokenizer, weights: found } = (await signals(model, memory())).signals;
  const { eas, nlf, lep, end, wvc } = found!;
  const digest = createHash('sha256').update(pack({ fingerprint, tokenizer, eas, nlf, lep, end, wvc })).digest('hex');
  expect({ version: FEATURES_VERSION, digest }).toEqual(KNOWN);
});

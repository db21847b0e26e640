import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featuresKey, keptSignals, listingKey, readEntry, writeEntry, type FeatureStore } from './cache.ts';
import { pack, unpack } from './cache-pack.ts';

class MemoryStore implements FeatureStore {
  readonly entries = new Map<string, Uint8Array>();
  async get(key: string): Promise<Uint8Array | null> {
    return this.entries.get(key) ?? null;
  }
  async put(key: string, entry: Uint8Array): Promise<void> {
    this.entries.set(key, entry);
  }
  async remove(key: string): Promise<void> {
    this.entries.delete(key);
  }
}

describe('packing', () => {
  it('gives back exactly what was put in, typed arrays and odd numbers included', () => {
    const value = {
      nan: NaN,
      least: -Infinity,
      zero: -0,
      none: null,
      text: 'ü\u2028',
      set: new Set(['a', 'b']),
      map: new Map<number, unknown>([
        [1, Float32Array.of(1.5, NaN, -0)],
        [7, [true, Infinity]],
      ]),
      wide: Float64Array.of(Math.PI, -Infinity),
      empty: new Float32Array(0),
    };
    expect(unpack(pack(value))).toEqual(value);
    expect(Object.is((unpack(pack(value)) as typeof value).zero, -0)).toBe(true);
  });

  it('gives back any data, wherever the bytes lie', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.float32Array(), fc.nat(7), (value, numbers, shift) => {
        const packed = pack([value, numbers]);
        const moved = new Uint8Array(packed.length + shift);
        moved.set(packed, shift);
        expect(unpack(moved.subarray(shift))).toEqual([value, numbers]);
      }),
    );
  });

  it('refuses bytes that it did not make with a code, and never hangs on them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          unpack(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: 'AppError' });
        }
      }),
    );
    const outside = pack(Float32Array.of(1, 2, 3));
    const text = new TextDecoder('latin1').decode(outside).replace('[0,3]', '[8,3]');
    expect(() => unpack(Uint8Array.from(text, (c) => c.charCodeAt(0)))).toThrow(/FORMAT_BOUNDS/);
  });
});

describe('a kept entry', () => {
  it('comes back under its own key', async () => {
    const store = new MemoryStore();
    await writeEntry(store, 'f-1', { numbers: Float32Array.of(1, 2) });
    expect(await readEntry(store, 'f-1')).toEqual({ numbers: Float32Array.of(1, 2) });
    expect(await readEntry(store, 'f-2')).toBeNull();
  });

  it('with any one bit changed is dropped', async () => {
    const store = new MemoryStore();
    await writeEntry(store, 'f-1', { fingerprint: 'x', missing: [] });
    const whole = store.entries.get('f-1')!;
    for (let at = 0; at < whole.length; at += 7) {
      const changed = whole.slice();
      changed[at] = changed[at]! ^ 1;
      store.entries.set('f-1', changed);
      expect(await readEntry(store, 'f-1')).toBeNull();
      expect(store.entries.has('f-1')).toBe(false);
    }
  });

  it('that was cut short is dropped', async () => {
    const store = new MemoryStore();
    await writeEntry(store, 'f-1', { numbers: new Float32Array(100) });
    for (const length of [0, 10, 82, 83, 300]) {
      const whole = store.entries.get('f-1') ?? new Uint8Array(500);
      store.entries.set('f-1', whole.slice(0, length));
      expect(await readEntry(store, 'f-1')).toBeNull();
    }
  });

  it('that lies under the key of another is dropped, though its digest is right', async () => {
    const store = new MemoryStore();
    await writeEntry(store, 'f-1', { fingerprint: null, missing: [] });
    store.entries.set('f-2', store.entries.get('f-1')!);
    expect(await readEntry(store, 'f-2')).toBeNull();
    expect(await readEntry(store, 'f-1')).not.toBeNull();
  });

  it('of a store that fails is a miss', async () => {
    const broken: FeatureStore = {
      get: () => Promise.reject(new Error('disk')),
      put: () => Promise.reject(new Error('disk')),
      remove: () => Promise.reject(new Error('disk')),
    };
    await writeEntry(broken, 'f-1', 1);
    expect(await readEntry(broken, 'f-1')).toBeNull();
  });

  it('is no signals unless it holds them', () => {
    expect(keptSignals({ opened: [] })).toBeNull();
    expect(keptSignals(null)).toBeNull();
    expect(keptSignals({ fingerprint: null, missing: [] })).not.toBeNull();
  });
});

describe('keys', () => {
  const files = [
    { name: 'config.json', size: 10 },
    { name: 'model.safetensors', size: 100 },
  ];
  const base = { files, tool: '1', force: null };

  it('do not depend on the order in which files are listed', async () => {
    expect(await listingKey({ ...base, files: [...files].reverse() })).toBe(await listingKey(base));
    const contents = [
      { name: 'a', content: 'sha256:1' },
      { name: 'b', content: 'sha256:2' },
    ];
    expect(await featuresKey('l-1', [...contents].reverse())).toBe(await featuresKey('l-1', contents));
  });

  it.each([
    { ...base, tool: '2' },
    { ...base, force: 'sliced' },
    { ...base, files: [...files, { name: 'x', size: 1 }] },
    { ...base, files: [files[0]!, { name: 'model.safetensors', size: 101 }] },
  ])('change with everything that could change the signals (%#)', async (other) => {
    expect(await listingKey(other)).not.toBe(await listingKey(base));
  });

  it('of equal files under other names differ, and so do those of exchanged contents', async () => {
    const key = (a: string, b: string) =>
      featuresKey('l-1', [
        { name: 'a', content: a },
        { name: 'b', content: b },
      ]);
    expect(await key('sha256:1', 'sha256:2')).not.toBe(await key('sha256:2', 'sha256:1'));
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolvePaths } from './resolve.ts';

const pairs = (listed: string[], here: string[], loose = true) =>
  [...resolvePaths(listed, here, loose)].map(([stated, { path }]) => `${stated} = ${path}`).sort();

describe('which artifact a listed path speaks about', () => {
  it('the one of the same path, before any other rule', () => {
    expect(pairs(['a.bin', 'x/a.bin'], ['x/a.bin', 'a.bin'])).toEqual(['a.bin = a.bin', 'x/a.bin = x/a.bin']);
  });
  it('the one whose path ends in it, when a folder above was given', () => {
    expect(pairs(['config.json', 'unet/config.json'], ['m/config.json', 'm/unet/config.json'])).toEqual([
      'config.json = m/config.json',
      'unet/config.json = m/unet/config.json',
    ]);
  });
  it('the one that it ends in, when the list was made further up', () => {
    expect(pairs(['home/me/m/config.json', 'home/me/m/unet/config.json'], ['config.json', 'unet/config.json'])).toEqual(
      ['home/me/m/config.json = config.json', 'home/me/m/unet/config.json = unet/config.json'],
    );
  });
  it('nobody, when two could be meant', () => {
    expect(pairs(['a.bin'], ['x/a.bin', 'y/a.bin'])).toEqual([]);
  });
  it('the only one of its name on both sides, where lists of single files are compared', () => {
    expect(pairs(['v1/model.bin'], ['v2/model.bin', 'v2/other.bin'])).toEqual(['v1/model.bin = v2/model.bin']);
    expect(pairs(['v1/model.bin'], ['v2/model.bin', 'v2/other.bin'], false)).toEqual([]);
  });
  it('the only file there is, under whatever name, when the list has one line', () => {
    expect(pairs(['old-name.gguf'], ['new-name.gguf'])).toEqual(['old-name.gguf = new-name.gguf']);
    expect(pairs(['old-name.gguf'], ['new-name.gguf'], false)).toEqual([]);
    expect(pairs(['old-name.gguf', 'b'], ['new-name.gguf'])).toEqual([]);
  });
  it('never pairs an artifact twice, and exact paths always', () => {
    const part = fc.constantFrom('a', 'b', 'c', 'config.json', 'model.bin');
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const list = fc.uniqueArray(path, { maxLength: 12 });
    fc.assert(
      fc.property(list, list, fc.boolean(), (listed, here, loose) => {
        const found = resolvePaths(listed, here, loose);
        const used = [...found.values()].map((r) => r.path);
        expect(new Set(used).size).toBe(used.length);
        for (const stated of listed)
          if (here.includes(stated)) expect(found.get(stated)).toEqual({ path: stated, exact: true });
        for (const [stated, r] of found) expect(r.exact).toBe(stated === r.path);
      }),
    );
  });
  it('twenty thousand files called config.json take no noticeable time', () => {
    const listed = Array.from({ length: 20_000 }, (_, i) => `a/${i}/config.json`);
    const here = Array.from({ length: 20_000 }, (_, i) => `b/${i}/config.json`);
    const started = performance.now();
    resolvePaths(listed, here, true);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

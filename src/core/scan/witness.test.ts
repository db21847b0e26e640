import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { GgufWriter, tensor } from '../formats/writers.suite.ts';
import { makeZip } from '../formats/zip/write.suite.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { silentContext } from '../progress.ts';
import { scanArtifact } from './artifact.ts';
import type { ArtifactScan } from './model.ts';
import { Witness } from './witness.ts';

/** Scans `before`, whose body streams as `after`: what an edit between header and body looks like. */
function scan(name: string, before: Uint8Array, after: Uint8Array, role: 'weights' | 'side'): Promise<ArtifactScan> {
  const source = new MemorySource(name, before);
  const later = new MemorySource(name, after);
  source.stream = (start, end, signal) => later.stream(start, end, signal);
  const spec = { kind: 'bytes', name, bytes: before } as const;
  const planned = { path: name, size: before.length, spec, role, algorithms: [], tensorAlgorithms: [] };
  return scanArtifact(source, planned, 'full', { hashes: wasmHashes() }, silentContext());
}

const changed = (file: Uint8Array, at: number): Uint8Array => {
  const copy = file.slice();
  copy[at]! ^= 0xff;
  return copy;
};

describe('a file that is edited between its header and its body', () => {
  const data = readFileSync(join(import.meta.dirname, '../../../fixtures/numpy/good-f4.npy'));
  const archive = makeZip([
    { name: 'a.npy', data },
    ...Array.from({ length: 2000 }, (_, i) => ({ name: `folder/${'n'.repeat(60)}-${i}.npy`, data })),
  ]);

  it('is noticed in the directory of an archive, far from both ends', async () => {
    expect((await scan('a.npz', archive, archive, 'weights')).status).toBe('complete');
    const directory = archive.length - 150_000;
    expect(directory).toBeGreaterThan(128 * 1024);
    const edited = await scan('a.npz', archive, changed(archive, directory), 'weights');
    expect(edited).toMatchObject({ status: 'failed', error: { code: 'SOURCE_CHANGED' }, digests: {} });
  });

  it('cannot be told from one that was not when it is a side file: it is read once, and digested as it was looked into', async () => {
    const config = new TextEncoder().encode(JSON.stringify({ a: 'x'.repeat(100_000) }));
    const edited = await scan('config.json', config, changed(config, 90_000), 'side');
    const sha256 = createHash('sha256').update(config).digest('hex');
    expect(edited).toMatchObject({ status: 'complete', digests: { sha256 }, bytesRead: config.length });
  });
});

describe('what was read before the pass', () => {
  it('is a copy, and reads after the pass began are not kept', async () => {
    const bytes = new Uint8Array(100).fill(1);
    const witness = new Witness(new MemorySource('x', bytes));
    (await witness.source.read(10, 20)).fill(9);
    witness.seal();
    await witness.source.read(50, 60);
    witness.feed(changed(bytes, 55), 0);
    expect(() => witness.finish()).not.toThrow();
  });
});

describe('filling of a GGUF file that is not zeros', () => {
  it('is said once, by header and body together', async () => {
    const w = new GgufWriter();
    const file = w.file([['general.architecture', w.value('STRING', 'llama')]], [tensor('a', 'F32', [4])]);
    file[file.length - 1] = 0xbb;
    const { findings } = await scan('m.gguf', file, file, 'weights');
    expect(findings.filter(({ code }) => code === 'nonzero-padding')).toHaveLength(1);
  });
});

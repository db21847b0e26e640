import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import { describeFile } from '../formats/describe.ts';
import { writeSafetensors, type WrittenTensor } from '../formats/writers.suite.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { silentContext } from '../progress.ts';
import { storedAlone } from '../tensors/read/logical.ts';
import type { TensorFile } from '../tensors/read/model.ts';
import { DecodeTools, type TensorNumbers } from './decode-lane-one.ts';
import { decodeModel } from './decode-model.ts';
import { readOnce } from './pass.ts';
import { layoutRegions } from './regions.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');
const hashes = wasmHashes();

/** Chunks of an odd size, so that tensors, blocks and numbers are cut. */
function choppy(source: ByteSource, size: number): ByteSource {
  return {
    name: source.name,
    size: source.size,
    random: true,
    read: (start, end, signal) => source.read(start, end, signal),
    settle: (signal) => source.settle(signal),
    async *stream(start, end, signal) {
      for (let at = start; at < end; at += size) yield await source.read(at, Math.min(end, at + size), signal);
    },
  };
}

async function opened(name: string, bytes: Uint8Array): Promise<{ file: TensorFile; source: ByteSource }> {
  const source = new MemorySource(name, bytes);
  const found = await describeFile(source);
  return { source, file: { ...found.opened!, path: name, source } };
}

async function inOneRead(source: ByteSource): Promise<{
  readonly numbers: readonly (TensorNumbers | null)[];
  readonly findings: readonly string[];
}> {
  const { opened: artifact } = await describeFile(source);
  const regions = layoutRegions(artifact!, source.size);
  const wants = { algorithms: ['sha256'] as const, tensorAlgorithms: [], opened: artifact!, regions, numbers: true };
  const { tensors, findings } = await readOnce(source, wants, { hashes }, silentContext());
  return { numbers: tensors.numbers!, findings: findings.map(({ code }) => code) };
}

const good = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /(?:^|\/)good-/.test(path) && !path.endsWith('.json'),
);

describe('numbers from the read that hashes the file', () => {
  it.each(good)('%s: the same as those read tensor by tensor', async (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const { file, source } = await opened(name, new Uint8Array(readFileSync(join(FIXTURES, path))));
    const tools = await DecodeTools.create(hashes);
    const alone = await decodeModel(
      { files: [file] },
      file.tensors.map((entry) => storedAlone(file, entry)),
      { tools },
    );
    for (const size of [1009, 1 << 20]) {
      const { numbers } = await inOneRead(choppy(source, size));
      for (const [i, entry] of file.tensors.entries()) {
        const expected = entry.storage.kind === 'external' ? null : alone[i]!;
        expect([size, entry.name, numbers[i]]).toEqual([size, entry.name, expected]);
      }
    }
  });

  it('float32 with NaN of unusual bits has the digest of the usual one', async () => {
    const bits = (nan: number): WrittenTensor => ({
      name: 'w',
      dtype: 'F32',
      shape: [3],
      bytes: new Uint8Array(Uint32Array.of(0x3f800000, nan, 0x40000000).buffer),
    });
    const digests = [];
    for (const nan of [0x7fc00000, 0xffc00000, 0x7f800001]) {
      const { source } = await opened('x.safetensors', writeSafetensors([bits(nan)]));
      digests.push((await inOneRead(source)).numbers[0]?.canonical);
    }
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(digests).size).toBe(1);
  });

  it('a tensor over the same bytes under two names is no second copy; stored again it is', async () => {
    const w: WrittenTensor = { name: 'w', dtype: 'F16', shape: [2], bytes: Uint8Array.of(0, 60, 0, 64) };
    const { source } = await opened('x.safetensors', writeSafetensors([w, { ...w, name: 'v' }]));
    expect((await inOneRead(source)).findings).toEqual(['equal-tensors']);
    const tied = new Uint8Array(readFileSync(join(FIXTURES, 'pytorch/good-views.pt')));
    const views = await inOneRead(new MemorySource('good-views.pt', tied));
    const tiedPairs = views.findings.filter((code) => code === 'equal-tensors').length;
    expect(tiedPairs).toBe(0);
  });

  it('is not computed unless it was asked for', async () => {
    const { source, file } = await opened('x.safetensors', writeSafetensors([]));
    const wants = { algorithms: [], tensorAlgorithms: [], opened: (await describeFile(source)).opened!, regions: [] };
    expect((await readOnce(source, wants, { hashes }, silentContext())).tensors.numbers).toBeUndefined();
    expect(file.tensors).toEqual([]);
  });
});

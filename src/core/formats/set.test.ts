import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { describeFile } from './describe.ts';
import { isSafetensorsIndex, judgeSets, type SetJudgement, type SetMember } from './set.ts';
import { GgufWriter, tensor, text, writeSafetensors, type WrittenTensor } from './writers.suite.ts';

const A = 'model-00001-of-00002.safetensors';
const B = 'model-00002-of-00002.safetensors';
const INDEX = 'model.safetensors.index.json';

async function member(path: string, bytes: Uint8Array): Promise<SetMember> {
  const { opened } = await describeFile(new MemorySource(path, bytes));
  return opened === undefined ? { path } : { path, opened };
}
const shard = (path: string, ...names: string[]): Promise<SetMember> =>
  member(path, writeSafetensors(names.map((name) => tensor(name, 'F32', [4]))));
const index = (weightMap: unknown, metadata?: unknown, path = INDEX): { path: string; bytes: Uint8Array } => ({
  path,
  bytes: text(JSON.stringify({ metadata, weight_map: weightMap })),
});
const judge = async (
  members: readonly Promise<SetMember>[],
  ...sides: { path: string; bytes: Uint8Array }[]
): Promise<SetJudgement> => judgeSets(await Promise.all(members), sides, new Map());
const codes = ({ errors, findings }: SetJudgement): string[] => [
  ...errors.map(
    ({ path, error }) => `${path}: ${error.code} ${String(error.detail['file'] ?? error.detail['path'] ?? '')}`,
  ),
  ...findings.map(({ path, code }) => `${path}: ${code}`),
];

describe('an index over safetensors shards', () => {
  it('that agrees with its shards has nothing to say', async () => {
    const judged = await judge([shard(A, 'a'), shard(B, 'b')], index({ a: A, b: B }, { total_size: 32, format: 'pt' }));
    expect(codes(judged)).toEqual([]);
    expect(judged.sets).toEqual([
      { kind: 'safetensors-sharded', index: INDEX, files: [A, B, INDEX], metadata: { total_size: 32, format: 'pt' } },
    ]);
  });

  it('names every missing shard, in its own folder', async () => {
    const sub = (path: string): string => `unet/${path}`;
    const judged = await judge([shard(sub(A), 'a')], index({ a: A, b: B, c: 'x.safetensors' }, undefined, sub(INDEX)));
    expect(codes(judged)).toEqual([
      `${sub(INDEX)}: FORMAT_MISSING_FILE ${sub(B)}`,
      `${sub(INDEX)}: FORMAT_MISSING_FILE unet/x.safetensors`,
    ]);
  });

  it('that was not renewed is told from weights that are missing', async () => {
    const whole = shard('model.safetensors', 'a', 'b');
    const stale = await judge([whole], index({ a: A, b: B }));
    expect(codes(stale)).toEqual([`${INDEX}: stale-index`, `${INDEX}: stale-index`]);
    const lost = await judge([shard('model.safetensors', 'a')], index({ a: A, b: B }));
    expect(codes(lost)).toEqual([`${INDEX}: FORMAT_MISSING_FILE ${B}`, `${INDEX}: stale-index`]);
  });

  it('that swaps two shards misses a tensor in each', async () => {
    const judged = await judge([shard(A, 'a'), shard(B, 'b')], index({ a: B, b: A }));
    expect(codes(judged)).toEqual([`${INDEX}: FORMAT_MISSING_TENSOR ${B}`, `${INDEX}: FORMAT_MISSING_TENSOR ${A}`]);
  });

  it('is held against tensors it leaves out, tensors there twice, and its own total', async () => {
    expect(codes(await judge([shard(A, 'a'), shard(B, 'b')], index({ a: A })))).toEqual([`${INDEX}: unlisted-tensor`]);
    expect(codes(await judge([shard(A, 'a'), shard(B, 'a')], index({ a: A })))).toEqual([`${INDEX}: duplicate-tensor`]);
    const judged = await judge([shard(A, 'a'), shard(B, 'b')], index({ a: A, b: B }, { total_size: 1 }));
    expect(codes(judged)).toEqual([`${INDEX}: size-mismatch`]);
  });

  it('does not judge other models in the same folder', async () => {
    const judged = await judge(
      [shard(A, 'a'), shard(B, 'b'), shard('vae.safetensors', 'a', 'z')],
      index({ a: A, b: B }),
    );
    expect(codes(judged)).toEqual([]);
  });

  it('is refused when it leads out of its folder, however it is written', async () => {
    const paths = [
      '../../x.safetensors',
      '/etc/hosts',
      'https://example.invalid/x',
      'C:\\x',
      '..\\..\\x',
      'a/../../x',
      'x\0y',
      '%2e%2e/x',
      '',
    ];
    for (const path of paths) {
      const judged = await judge([], index({ a: path }));
      expect(
        judged.errors.map(({ error }) => error.code),
        path,
      ).toEqual(['FORMAT_PATH']);
    }
    expect(codes(await judge([shard(`sub/${A}`, 'a')], index({ a: `sub/${A}` })))).not.toContain(
      `${INDEX}: FORMAT_PATH`,
    );
  });

  it('is refused when it is no index', async () => {
    const bad = async (bytes: string): Promise<string[]> =>
      (await judge([], { path: INDEX, bytes: text(bytes) })).errors.map(({ error }) => error.code);
    expect(await bad('{"weight_map":[["a","b"]]}')).toEqual(['FORMAT_JSON_SHAPE']);
    expect(await bad('{"weight_map":{"a":1}}')).toEqual(['FORMAT_JSON_SHAPE']);
    expect(await bad('{}')).toEqual(['FORMAT_JSON_SHAPE']);
    expect(await bad('[]')).toEqual(['FORMAT_JSON_SHAPE']);
    expect(await bad('{"weight_map":{"a":"x","a":"y"}}')).toEqual(['FORMAT_DUPLICATE_KEY']);
    expect(await bad('{"weight_map":')).toEqual(['FORMAT_JSON']);
    expect(await bad('['.repeat(60_000))).toEqual(['FORMAT_DEPTH']);
  });

  it('is known by its name, in the variants of diffusers too', () => {
    expect(isSafetensorsIndex('model.safetensors.index.json')).toBe(true);
    expect(isSafetensorsIndex('unet/diffusion_pytorch_model.safetensors.index.fp16.json')).toBe(true);
    expect(isSafetensorsIndex('model.safetensors.json')).toBe(false);
    expect(isSafetensorsIndex('pytorch_model.bin.index.json')).toBe(false);
  });

  it('cannot fill the memory with what it names', async () => {
    const map: Record<string, string> = {};
    for (let i = 0; i < 50_000; i++) map[`t${i}`] = `f${i}.safetensors`;
    const start = performance.now();
    const judged = await judge([], index(map));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(judged.errors).toHaveLength(1000);
  });
});

describe('numbered files without an index', () => {
  const w = new GgufWriter();
  const part = (
    path: string,
    no: number,
    count: number,
    total: number,
    ...tensors: WrittenTensor[]
  ): Promise<SetMember> =>
    member(
      path,
      w.file(
        [
          ['general.architecture', w.value('STRING', 'llama')],
          ['split.no', w.value('UINT32', no)],
          ['split.count', w.value('UINT32', count)],
          ['split.tensors.count', w.value('INT32', total)],
        ],
        tensors,
      ),
    );
  const [a, b] = [tensor('a', 'F32', [8]), tensor('b', 'F32', [8])];
  const [P1, P2] = ['m-00001-of-00002.gguf', 'm-00002-of-00002.gguf'];

  it('say which of them are missing', async () => {
    const shards = await judge([shard('m-00002-of-00004.safetensors', 'a')]);
    expect(shards.errors.map(({ error }) => error.detail['file'])).toEqual([
      'm-00001-of-00004.safetensors',
      'm-00003-of-00004.safetensors',
      'm-00004-of-00004.safetensors',
    ]);
    expect(codes(await judge([part(P1, 0, 2, 2, a)]))).toEqual([`${P1}: FORMAT_MISSING_FILE ${P2}`]);
  });

  it('of GGUF agree with their own numbers', async () => {
    const judged = await judge([part(P1, 0, 2, 2, a), part(P2, 1, 2, 2, b)]);
    expect(codes(judged)).toEqual([]);
    expect(judged.sets).toEqual([{ kind: 'gguf-split', files: [P1, P2], metadata: {} }]);
    expect(codes(await judge([part(P1, 1, 2, 2, a), part(P2, 0, 2, 2, b)]))).toEqual([
      `${P1}: inconsistent-metadata`,
      `${P2}: inconsistent-metadata`,
    ]);
    expect(codes(await judge([part(P1, 0, 2, 9, a), part(P2, 1, 2, 2, b)]))).toEqual([`${P1}: inconsistent-metadata`]);
    expect(codes(await judge([part(P1, 0, 2, 2, a), part(P2, 1, 2, 2, a)]))).toEqual([
      `${P1}: duplicate-tensor`,
      `${P2}: duplicate-tensor`,
    ]);
  });

  it('count a part that is there but cannot be opened as there', async () => {
    expect(codes(await judge([part(P1, 0, 2, 2, a), Promise.resolve({ path: P2 })]))).toEqual([]);
  });

  it('are noticed when one was renamed', async () => {
    expect(codes(await judge([part('renamed.gguf', 0, 2, 2, a)]))).toEqual(['renamed.gguf: inconsistent-metadata']);
  });
});

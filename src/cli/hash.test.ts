import { describe, expect, it } from 'vitest';
import { parseSums } from '../core/claims/sums.ts';
import { ALGORITHMS } from '../core/hash/hasher.ts';
import { emptyScan } from '../core/scan/empty.ts';
import type { ArtifactScan } from '../core/scan/model.ts';
import { textLines } from './hash.ts';

const digests = { sha256: 'ab'.repeat(32), md5: 'cd'.repeat(16), blake2b: 'ef'.repeat(64), sha1: '12'.repeat(20) };
const scan = (path: string): ArtifactScan => ({ ...emptyScan(path, 3), status: 'complete', digests });
const context = { name: 'SUMS', source: { kind: 'sums', name: 'SUMS', independent: false } };

describe('lines that assay hash prints', () => {
  it('are read back by our own parser of checksum lists, for every algorithm it knows', () => {
    const wanted = ['sha256', 'md5', 'blake2b', 'sha1'] as const;
    const text = textLines(scan('a dir/model (1).gguf'), wanted, false).join('\n');
    const read = parseSums(text, context).statements;
    expect(read.map((s) => [s.path, s.algorithm, s.digest])).toEqual(
      wanted.map((a) => ['a dir/model (1).gguf', a, digests[a]]),
    );
    expect(ALGORITHMS).toEqual(expect.arrayContaining([...wanted]));
  });
  it('escape a name with a line end as coreutils does', () => {
    const [line = ''] = textLines(scan('a\nb'), ['sha256'], false);
    expect(line).toBe(`\\${digests.sha256}  a\\nb`);
  });
  it('leave out a tensor that has no digest', () => {
    const tensor = (name: string) => ({
      name,
      dtype: 'F32',
      shape: [1],
      byteLength: 4,
      storage: { kind: 'range', start: 0 } as const,
    });
    const two = { ...scan('m'), tensors: [tensor('a'), tensor('b')], tensorDigests: ['', '77'.repeat(32)] };
    expect(textLines(two, ['sha256'], true)).toEqual([`${'77'.repeat(32)}  m:b`]);
  });
  it('are none for a file that was not read to its end', () => {
    expect(textLines({ ...scan('x'), status: 'aborted' }, ['sha256'], false)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { describeFile } from './describe.ts';
import { largeModels } from './large.suite.ts';
import { makeSparseZip } from './large-zip.suite.ts';
import { SparseSource } from './sparse.suite.ts';
import { crc32 } from './zip/crc32.ts';

/** Bytes that may be read of two gigabytes: edges (64 KiB each, looked at more than once) and tables. */
const READ_MAX = 400_000;

describe('two gigabytes, described', () => {
  it.each(largeModels().map((model) => [model.container, model] as const))(
    '%s: every tensor, reading less than 400 kB',
    async (_container, { files: [file, data], tensors, dtype }) => {
      expect(file.size + (data?.size ?? 0)).toBeGreaterThan(2_000_000_000);
      const source = new SparseSource(file.name, file.size, file.pieces);
      const { opened, notAModel, formatError, findings } = await describeFile(source);
      expect({ notAModel, formatError, findings }).toEqual({ findings: [] });
      expect(opened!.tensors.map((tensor) => tensor.dtype)).toEqual(Array.from({ length: tensors }, () => dtype));
      expect(opened!.tensors.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeGreaterThan(2_000_000_000);
      expect(opened!.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
      expect(opened!.incomplete).toBeUndefined();
      expect(source.bytesRead).toBeLessThan(READ_MAX);
    },
  );

  it('sums of sparse entries are those of their bytes', () => {
    const content = new Uint8Array([1, 2, 3]);
    const { pieces } = makeSparseZip([{ name: 'a', content, zeros: 100_001 }]);
    const whole = new Uint8Array(100_004);
    whole.set(content);
    expect(new DataView(pieces[0]!.bytes.buffer).getUint32(14, true)).toBe(crc32(whole));
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TENSOR_LEAF } from '../limits.ts';
import { leafCount, treeHeader, treeRoot } from './tree.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

describe('assay-tensor-v1', () => {
  it('starts with five lines: name, dtype, shape, leaf size, length', () => {
    const header = treeHeader({ dtype: 'BF16', shape: [3, 5], byteLength: 30 });
    expect(text(header)).toBe('assay-tensor-v1\nBF16\n[3,5]\n4194304\n30\n');
  });

  it('writes a scalar as [] and sizes above 2^32 in full', () => {
    expect(text(treeHeader({ dtype: 'F32', shape: [], byteLength: 4 }))).toBe('assay-tensor-v1\nF32\n[]\n4194304\n4\n');
    const large = treeHeader({ dtype: 'U8', shape: [2 ** 40], byteLength: 2 ** 40 });
    expect(text(large)).toBe('assay-tensor-v1\nU8\n[1099511627776]\n4194304\n1099511627776\n');
  });

  it('cannot be made to say other lines by a dtype from a hostile file', () => {
    const header = text(treeHeader({ dtype: 'F32\n[1]\\', shape: [2], byteLength: 8 }));
    expect(header).toBe('assay-tensor-v1\nF32\\u000a[1]\\u005c\n[2]\n4194304\n8\n');
  });

  it('is, written out by hand, the digest of header and leaf digest for a tensor below one leaf', () => {
    const payload = Uint8Array.of(1, 2, 3, 4);
    const subject = { dtype: 'U8', shape: [4], byteLength: 4 };
    const byHand = createHash('sha256')
      .update('assay-tensor-v1\nU8\n[4]\n4194304\n4\n')
      .update(createHash('sha256').update(payload).digest())
      .digest('hex');
    expect(treeRoot(subject, sha256(payload), sha256)).toBe(byHand);
  });

  it('has no leaves for an empty tensor and ceil(bytes / 4 MiB) otherwise', () => {
    expect(leafCount(0)).toBe(0);
    expect(leafCount(1)).toBe(1);
    expect(leafCount(TENSOR_LEAF)).toBe(1);
    expect(leafCount(TENSOR_LEAF + 1)).toBe(2);
    expect(leafCount(5 * 2 ** 40)).toBe(5 * 2 ** 18);
    const empty = createHash('sha256').update('assay-tensor-v1\nF32\n[0,7]\n4194304\n0\n').digest('hex');
    expect(treeRoot({ dtype: 'F32', shape: [0, 7], byteLength: 0 }, new Uint8Array(0), sha256)).toBe(empty);
  });
});

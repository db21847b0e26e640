import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { modelDigest } from './model-digest.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
const [a, b] = [
  { digest: 'aa'.repeat(32), role: 'embed' },
  { digest: 'bb'.repeat(32), role: '0.q' },
];

test('is the digest of its sorted lines, written out by hand', () => {
  const text = `assay-model-v1\n${a.digest} embed\n${b.digest} 0.q\n`;
  expect(modelDigest([b, a], sha256)).toBe(createHash('sha256').update(text).digest('hex'));
});

test('does not depend on the order of tensors, and does on roles and on every tensor', () => {
  const digest = modelDigest([a, b], sha256);
  expect(modelDigest([b, a], sha256)).toBe(digest);
  const others = [[a], [a, b, b], [a, { ...b, role: '1.q' }], [a, { ...b, role: `0.q\n${b.digest} 0.q` }]];
  for (const other of others) expect(modelDigest(other, sha256)).not.toBe(digest);
  expect(new Set(others.map((other) => modelDigest(other, sha256))).size).toBe(others.length);
});

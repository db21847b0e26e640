import { describe, expect, it } from 'vitest';
import { DEMOS } from '../src/app/intake/demos.ts';
import { demoModels } from './build-demo.mjs';

describe('demo models', () => {
  it('have the sizes the first screen states', () => {
    const made = demoModels();
    for (const { id, bytes } of DEMOS) {
      const weights = made.find((demo) => demo.id === id)?.files.find((f) => f.name === 'model.safetensors');
      expect(weights?.bytes.length).toBe(bytes);
    }
  });
  it('differ as they say: one tensor edited, 12 % missing, the same checksum list', () => {
    const [good, tampered, broken] = demoModels().map(({ files }) =>
      Object.fromEntries(files.map((f) => [f.name, f.bytes])),
    );
    const differing = [...good!['model.safetensors']!].filter((byte, i) => byte !== tampered!['model.safetensors']![i]);
    expect(differing.length).toBeGreaterThan(0);
    // One BF16 tensor of 32 × 64.
    expect(differing.length).toBeLessThanOrEqual(4096);
    expect(broken!['model.safetensors']!.length / good!['model.safetensors']!.length).toBeCloseTo(0.88, 3);
    expect(tampered!['SHA256SUMS']).toEqual(good!['SHA256SUMS']);
  });
});

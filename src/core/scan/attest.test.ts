import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../formats/safetensors.ts';
import { MemorySource } from '../bytes/memory.ts';
import { attest } from './attest.ts';
import type { ArtifactScan, PlannedArtifact } from './model.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/attestations/c2pa');
const model = Uint8Array.from(readFileSync(join(FOLDER, 'signed-es256.safetensors')));
const graph = Uint8Array.from(readFileSync(join(FOLDER, 'signed-es256.onnx')));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const now = '2026-12-01T10:00:00.000Z';

function artifacts(files: Readonly<Record<string, Uint8Array>>): PlannedArtifact[] {
  return Object.entries(files).map(([path, content]) => ({
    path,
    size: content.length,
    spec: { kind: 'bytes', name: path, bytes: content },
    role: 'other',
    algorithms: [],
    tensorAlgorithms: [],
  }));
}

async function run(
  files: Readonly<Record<string, Uint8Array>>,
  more: { readonly scans?: ReadonlyMap<string, ArtifactScan>; readonly only?: string; readonly depth?: 'headers' } = {},
) {
  const input = { artifacts: artifacts(files), scans: new Map(), depth: 'full', now, ...more } as const;
  return attest(input, { fetch: () => Promise.reject(new Error('no network')) } as never, new AbortController().signal);
}

describe('a statement inside a model', () => {
  it('is found by the header that the scan read, and read again from the file where that shortened it', async () => {
    const { format, metadata, tensors } = await openSafetensors(new MemorySource('m', model));
    const shortened = metadata.map((entry) => ({ ...entry, value: String(entry.value).slice(0, 20) }));
    const scan = { format, metadata: shortened, tensors, digests: {}, status: 'complete' } as unknown as ArtifactScan;
    const { attestations, checks } = await run(
      { 'sub/m.safetensors': model, 'config.json': bytes('{}') },
      { scans: new Map([['sub/m.safetensors', scan]]) },
    );
    expect(checks).toEqual([]);
    expect(attestations).toMatchObject([
      {
        kind: 'c2pa',
        path: 'sub/m.safetensors',
        outcome: 'could-not-check',
        files: [{ path: 'm.safetensors', state: 'same' }],
      },
    ]);
  });
  it.each([
    ['m.safetensors', model],
    ['m.onnx', graph],
  ])('of %s is found when only that file is asked about', async (path, content) => {
    const { attestations } = await run({ [path]: content, 'other.c2pa': bytes('x') }, { only: path });
    expect(attestations).toMatchObject([{ kind: 'c2pa', path, files: [{ path, state: 'same' }] }]);
  });
});

describe('a file with the name of an attestation', () => {
  it('that is none is said to be none, unless ordinary files bear that name too', async () => {
    const files = { 'a.c2pa': bytes('x'), 'b.manifest.json': bytes('{}'), 'manifest.json': bytes('{"icons":[]}') };
    const { attestations, checks } = await run(files);
    expect(attestations).toEqual([]);
    expect(checks.map(({ path, outcome }) => [path, outcome])).toEqual([
      ['a.c2pa', 'could-not-check'],
      ['b.manifest.json', 'could-not-check'],
    ]);
    expect((await run(files, { only: 'manifest.json' })).checks).toHaveLength(1);
  });
});

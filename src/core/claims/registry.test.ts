import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { explain } from '../../app/text/errors.ts';
import { AppError } from '../errors.ts';
import type { Folder } from './folder.ts';
import { CLAIM_KINDS } from './registry.ts';

const SHA256 = 'a'.repeat(64);
const ETAG = 'b'.repeat(40);
const layer = { mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${SHA256}`, size: 1 };

/** One folder that each kind finds something in, and one that looks like it and is broken. */
const EXAMPLES: Readonly<
  Record<string, { readonly good: Record<string, string>; readonly broken: Record<string, string> }>
> = {
  sums: { good: { SHA256SUMS: `${SHA256}  a.bin\n` }, broken: { SHA256SUMS: 'not a list\n' } },
  'gguf-hash': {
    good: { 'a.gguf.manifest': `sha256    ${SHA256}  a.gguf:t\n` },
    broken: { 'a.gguf.manifest': `sha256    ${ETAG}  a.gguf:t\n` },
  },
  'hf-cache': { good: { [`blobs/${SHA256}`]: 'x' }, broken: { [`blobs/${SHA256}.incomplete`]: 'x' } },
  'hf-download': {
    good: { '.cache/huggingface/download/a.bin.metadata': `${ETAG}\n${SHA256}\n0\n` },
    broken: { '.cache/huggingface/download/a.bin.metadata': `${ETAG}\nnot an etag\n0\n` },
  },
  'ollama-manifest': {
    good: {
      'manifests/registry.ollama.ai/library/m/latest': JSON.stringify({
        schemaVersion: 2,
        config: layer,
        layers: [layer],
      }),
    },
    broken: { 'manifests/registry.ollama.ai/library/m/latest': '{"schemaVersion":2,"layers":' },
  },
  'ollama-blobs': { good: { [`blobs/sha256-${SHA256}`]: 'x' }, broken: { 'blobs/sha256-abc': 'x' } },
  'lfs-objects': { good: { [`objects/aa/aa/${SHA256}`]: 'x' }, broken: { [`objects/00/00/${SHA256}`]: 'x' } },
};

function folder(files: Readonly<Record<string, string>>): Folder {
  return {
    files: Object.entries(files).map(([path, text]) => ({ path, size: text.length })),
    read: async (path) => new TextEncoder().encode(files[path]),
  };
}

it.each(CLAIM_KINDS.map((kind) => [kind.id, kind] as const))(
  '%s has a good and a broken example, words and a row in docs/claims.md',
  async (id, kind) => {
    const { good, broken } = EXAMPLES[id]!;
    const found = await kind.find(folder(good));
    expect(found.flatMap((claim) => claim.statements).length).toBeGreaterThan(0);
    for (const claim of found) expect(claim.source.independent).toBe(false);
    const refused = await kind.find(folder(broken));
    expect(refused.flatMap((claim) => claim.statements)).toEqual([]);
    for (const { error } of refused.flatMap((claim) => claim.refused ?? [])) expect(explain(error).why).not.toBe('');
    const docs = readFileSync(join(import.meta.dirname, '../../../docs/claims.md'), 'utf8');
    expect(docs).toContain(`| \`${id}\` |`);
  },
);

it('a stopped search stops, in every kind that reads', async () => {
  for (const kind of CLAIM_KINDS) {
    const { good } = EXAMPLES[kind.id]!;
    const stopped: Folder = {
      ...folder(good),
      read: async () => {
        throw new AppError('SOURCE_ABORTED');
      },
    };
    const outcome = await kind.find(stopped).then(
      () => 'found without reading',
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    );
    expect(['SOURCE_ABORTED', 'found without reading']).toContain(outcome);
  }
});

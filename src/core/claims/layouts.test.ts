import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import type { Folder } from './folder.ts';
import { claimOfSnapshot, isBookkeeping } from './hub.ts';
import { hfStatedOrigin } from './layout-hf.ts';
import { claimOfPointers, parseLfsPointer } from './layout-lfs.ts';
import { findClaims, isClaimFile } from './registry.ts';

const SHA = (digit: string): string => digit.repeat(64);
const COMMIT = 'c0ffee'.padEnd(40, '0');
const ETAG = 'f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f';

function folder(files: Readonly<Record<string, string>>): Folder {
  const bytes = new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  return {
    files: [...bytes].map(([path, b]) => ({ path, size: b.length })),
    async read(path, limit) {
      const found = bytes.get(path);
      if (found === undefined) throw new AppError('SOURCE_NOT_FOUND', { path });
      if (found.length > limit) throw new AppError('SOURCE_TOO_LARGE', { path });
      return found;
    },
  };
}
const found = async (files: Readonly<Record<string, string>>) =>
  (await findClaims(folder(files))).map(({ source, statements, refused }) => ({
    name: source.name,
    independent: source.independent,
    stated: statements.map((s) => [s.path, s.algorithm, s.digest.slice(0, 6), s.size, s.label]),
    refused: refused?.map((r) => r.error.code),
  }));

describe('what folders state about themselves', () => {
  it('Hugging Face’s cache names blobs by SHA-256 or git blob id', async () => {
    const cache = 'models--org--name';
    const claims = await found({
      [`${cache}/blobs/${SHA('a')}`]: 'x',
      [`${cache}/blobs/${ETAG}`]: 'y',
      [`${cache}/blobs/${SHA('b')}.incomplete`]: 'z',
      [`${cache}/snapshots/${COMMIT}/config.json`]: 'y',
      [`${cache}/refs/main`]: COMMIT,
    });
    expect(claims).toEqual([
      {
        name: 'the Hugging Face cache',
        independent: false,
        stated: [
          [`${cache}/blobs/${SHA('a')}`, 'sha256', 'aaaaaa', undefined, undefined],
          [`${cache}/blobs/${ETAG}`, 'git-blob-sha1', 'f2ba8f', undefined, undefined],
        ],
        refused: undefined,
      },
    ]);
  });
  it('and its snapshot folders say which repository and commit they are', () => {
    expect(hfStatedOrigin([`models--org--name/snapshots/${COMMIT}/a/config.json`])).toEqual({
      repo: 'org/name',
      commit: COMMIT,
    });
    expect(hfStatedOrigin([`hub/models--gpt2/snapshots/${COMMIT}/config.json`])).toEqual({
      repo: 'gpt2',
      commit: COMMIT,
    });
    expect(hfStatedOrigin([`models--o--n/snapshots/${COMMIT}/a`, `models--o--n/snapshots/${'1'.repeat(40)}/a`])).toBe(
      null,
    );
    expect(hfStatedOrigin(['models--org--name/blobs/x', 'config.json'])).toBe(null);
  });
  it('a download into a folder leaves a record of each file’s etag', async () => {
    const claims = await found({
      'm/model.safetensors': 'x',
      'm/.cache/huggingface/download/model.safetensors.metadata': `${COMMIT}\n${SHA('a')}\n1720000000.0\n`,
      'm/.cache/huggingface/download/sub/config.json.metadata': `${COMMIT}\n${ETAG}\n1720000000.0\n`,
      'm/.cache/huggingface/download/broken.metadata': 'no\n',
      'm/.cache/huggingface/.gitignore': '*',
    });
    expect(claims.map((c) => c.stated)).toEqual([
      [
        ['m/model.safetensors', 'sha256', 'aaaaaa', undefined, 'commit c0ffee0'],
        ['m/sub/config.json', 'git-blob-sha1', 'f2ba8f', undefined, 'commit c0ffee0'],
      ],
    ]);
  });
  it('Ollama’s manifest states layers with their digests and sizes, and its store names blobs by them', async () => {
    const layer = (kind: string, digit: string, size: number) => ({
      mediaType: `application/vnd.ollama.image.${kind}`,
      digest: `sha256:${SHA(digit)}`,
      size,
    });
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: `sha256:${SHA('c')}`, size: 10 },
      layers: [layer('model', 'a', 4_081_004_224), layer('template', 'b', 20)],
    };
    const path = 'models/manifests/registry.ollama.ai/library/llama3/latest';
    const claims = await found({ [path]: JSON.stringify(manifest), [`models/blobs/sha256-${SHA('a')}`]: 'x' });
    expect(claims).toEqual([
      {
        name: 'Ollama’s manifest of llama3:latest',
        independent: false,
        stated: [
          [`models/blobs/sha256-${SHA('c')}`, 'sha256', 'cccccc', 10, 'configuration of llama3:latest'],
          [`models/blobs/sha256-${SHA('a')}`, 'sha256', 'aaaaaa', 4_081_004_224, 'model layer of llama3:latest'],
          [`models/blobs/sha256-${SHA('b')}`, 'sha256', 'bbbbbb', 20, 'template layer of llama3:latest'],
        ],
        refused: undefined,
      },
      {
        name: 'Ollama’s store',
        independent: false,
        stated: [[`models/blobs/sha256-${SHA('a')}`, 'sha256', 'aaaaaa', undefined, undefined]],
        refused: undefined,
      },
    ]);
  });
  it('a manifest that is none is refused and not left out', async () => {
    const path = 'manifests/registry.ollama.ai/me/x/1';
    for (const text of [
      '',
      'null',
      '[]',
      '{"schemaVersion":2}',
      '{"schemaVersion":2,"config":{},"layers":[{"digest":"sha256:../../x"}]}',
      '\xff',
    ]) {
      expect(await found({ [path]: text })).toEqual([
        { name: 'Ollama’s manifest of me/x:1', independent: false, stated: [], refused: ['CLAIM_SYNTAX'] },
      ]);
    }
  });
  it('Git LFS’s object store names files by SHA-256, in folders of its first digits', async () => {
    const claims = await found({
      [`.git/lfs/objects/aa/aa/${SHA('a')}`]: 'x',
      [`.git/lfs/objects/bb/aa/${SHA('a')}`]: 'not in its folder',
    });
    expect(claims.map((c) => c.stated)).toEqual([
      [[`.git/lfs/objects/aa/aa/${SHA('a')}`, 'sha256', 'aaaaaa', undefined, undefined]],
    ]);
  });
  it('ordinary files state nothing', async () => {
    expect(
      await found({ 'model.safetensors': 'x', 'config.json': '{}', 'blobs/readme.txt': 'x', 'manifests/a/b': 'x' }),
    ).toEqual([]);
  });
  it('a list that cannot be used is there with its reason', async () => {
    expect(await found({ SHA256SUMS: 'nothing\nhere\n' })).toEqual([
      { name: 'SHA256SUMS', independent: false, stated: [], refused: ['CLAIM_EMPTY'] },
    ]);
  });
  it('no folder, whatever is in it, makes the search throw anything but a coded error', async () => {
    const name = fc.oneof(
      fc.constantFrom(
        'SHA256SUMS',
        `blobs/${SHA('a')}`,
        'x.manifest',
        'manifests/h/n/m/t',
        '.cache/huggingface/download/a.metadata',
      ),
      fc.string({ minLength: 1, maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.string({ maxLength: 200 }), { maxKeys: 6 }), async (files) => {
        await findClaims(folder(files));
      }),
      { numRuns: 150 },
    );
  });
});

describe('Git LFS pointers', () => {
  const pointer = (oid: string, size: number): string =>
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
  const parse = (text: string) => parseLfsPointer(new TextEncoder().encode(text));
  it('state SHA-256 and size of the file they stand for', () => {
    expect(parse(pointer(SHA('a'), 134))).toEqual({ oid: SHA('a'), size: 134 });
    expect(parse(pointer(SHA('a'), 134).replace('git-lfs.github.com/spec', 'hawser.github.com/spec'))).not.toBe(null);
    for (const text of ['', 'version https://example.org/v1\n', pointer('zz', 1), pointer(SHA('a'), 1).repeat(20)]) {
      expect(parse(text)).toBe(null);
    }
  });
  it('speak about the one other file of their name, else about whatever file has the bytes', () => {
    const one = { path: 'repo/m.safetensors', oid: SHA('a'), size: 9 };
    const about = (others: string[]) => claimOfPointers([one], others)?.statements[0]?.path;
    expect(about(['weights/m.safetensors', 'x'])).toBe('weights/m.safetensors');
    expect(about(['weights/other.safetensors'])).toBe(null);
    expect(about(['a/m.safetensors', 'b/m.safetensors'])).toBe(null);
    expect(claimOfPointers([], [])).toBe(null);
  });
});

describe('a repository at a commit', () => {
  const snapshot = {
    repo: 'org/name',
    commit: COMMIT,
    read: '2026-11-20T00:00:00.000Z',
    files: [
      { path: 'config.json', size: 3, blobId: ETAG },
      { path: 'model.safetensors', size: 5, blobId: '1'.repeat(40), sha256: SHA('a') },
    ],
  };
  it('states SHA-256 for files in LFS and the git blob id for the others, and lists everything', () => {
    const claim = claimOfSnapshot(snapshot, false);
    expect(claim).toMatchObject({
      exhaustive: true,
      source: { kind: 'hub', name: 'org/name at c0ffee0', independent: true },
    });
    expect(claim.statements.map((s) => [s.path, s.algorithm, s.size])).toEqual([
      ['config.json', 'git-blob-sha1', 3],
      ['model.safetensors', 'sha256', 5],
    ]);
  });
  it('is not independent of files that come from the Hub', () => {
    expect(claimOfSnapshot(snapshot, true).source.independent).toBe(false);
  });
  it('by one file of it speaks about the file given, whatever its name', () => {
    const claim = claimOfSnapshot(snapshot, false, 'model.safetensors');
    expect(claim).toMatchObject({
      exhaustive: false,
      statements: [{ path: null, label: 'model.safetensors', digest: SHA('a') }],
    });
  });
  it('bookkeeping of git, of the Hub’s client and of systems is no content', () => {
    const noise = [
      '.gitattributes',
      'a/.gitattributes',
      '.cache/huggingface/x',
      '.git/config',
      '.DS_Store',
      'a/Thumbs.db',
    ];
    expect(noise.filter((path) => !isBookkeeping(path))).toEqual([]);
    expect(['model.safetensors', 'cache/x', 'a.gitattributes.bin', '.hidden'].filter(isBookkeeping)).toEqual([]);
  });
});

it('files of claims are told from files of the model by name', () => {
  expect(
    ['SHA256SUMS', 'a/m.gguf.manifest', 'm.sha256', 'manifests/registry.ollama.ai/library/x/y'].every(isClaimFile),
  ).toBe(true);
  expect(
    ['model.safetensors', 'config.json', 'README.md', `blobs/sha256-${SHA('a')}`, `blobs/${ETAG}`].some(isClaimFile),
  ).toBe(false);
});

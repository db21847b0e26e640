/** What others say: claims, listings of the Hub, reports and models in links. */
import { deflateSync } from 'fflate';
import { parseContentRange } from '../../../src/core/bytes/content-range.ts';
import type { Folder } from '../../../src/core/claims/folder.ts';
import { parseLfsPointer } from '../../../src/core/claims/layout-lfs.ts';
import { claimText } from '../../../src/core/claims/lines.ts';
import { CLAIM_KINDS, parseAgainstText, type ClaimKind } from '../../../src/core/claims/registry.ts';
import { listCommits } from '../../../src/core/hub/history.ts';
import { listFiles } from '../../../src/core/hub/client.ts';
import { parseHubRef } from '../../../src/core/hub/parse-ref.ts';
import { parseRoute } from '../../../src/app/links/route.ts';
import { unpackReport } from '../../../src/app/links/shared-report.ts';
import { SAMPLE } from '../../../e2e/sample-report.ts';
import { jsonSeed, textSeed } from '../corpus.ts';
import type { Seed } from '../seed.ts';
import type { Target } from '../target.ts';

const SHA256 = 'a1'.repeat(32);
const SHA1 = 'b2'.repeat(20);
const DIGEST_WORDS = [
  SHA256,
  SHA1,
  'sha256:',
  'sha512-',
  ' *',
  '  ',
  'SHA256 (a) = ',
  '= ',
  '\\',
  '../',
  'md5:',
  '\0',
  '\r',
];
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** One file each, under the path by which its kind is known. */
const CLAIM_FILES: Readonly<Record<string, readonly [path: string, ...seeds: string[]]>> = {
  sums: [
    'SHA256SUMS',
    `${SHA256}  a.bin\n${SHA256} *b/c.bin\n`,
    `SHA256 (a b) = ${SHA256}\nMD5(a)= ${'0'.repeat(32)}\n`,
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${SHA256}  a\n-----BEGIN PGP SIGNATURE-----\n\nx\n`,
  ],
  'gguf-hash': [
    'a.gguf.manifest',
    `sha256    ${SHA256}  a.gguf:t\nxxh64     0123456789abcdef  a.gguf\nsha1 ${SHA1}  a.gguf\n`,
  ],
  'hf-download': ['.cache/huggingface/download/a.bin.metadata', `${SHA1}\n${SHA256}\n1700000000.0\n`],
  'ollama-manifest': [
    'manifests/registry.ollama.ai/library/m/latest',
    JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: `sha256:${SHA256}`, size: 1 },
      layers: [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${SHA256}`, size: 2 }],
    }),
  ],
};

/** Kinds that read nothing but names are not fed; any other kind is, with what is known about its files. */
const CLAIM_TARGETS: readonly Target[] = CLAIM_KINDS.flatMap((kind) => {
  const [path, ...seeds] = CLAIM_FILES[kind.id] ?? [];
  return path === undefined
    ? []
    : [
        claimTarget(
          kind,
          path,
          seeds.map((one) => textSeed(one)),
        ),
      ];
});

function claimTarget(kind: ClaimKind, path: string, seeds: readonly Seed[]): Target {
  return {
    id: `claim-${kind.id}`,
    seeds: () => seeds,
    words: DIGEST_WORDS,
    refuses: /^CLAIM_/,
    async run(bytes) {
      const folder: Folder = { files: [{ path, size: bytes.length }], read: async () => bytes };
      structuredClone(await kind.find(folder));
    },
  };
}

/** Answers every request with the same bytes; the second page of a listing with none. */
function hubThatSays(bytes: Uint8Array): Parameters<typeof listFiles>[0] {
  return {
    endpoint: 'https://hub.invalid',
    transport: {
      fetchFn: async (url) => {
        const answer = new Response(bytes.slice(), { headers: { 'content-type': 'application/json' } });
        Object.defineProperty(answer, 'url', { value: url });
        return answer;
      },
    },
  };
}

export const STATEMENTS: readonly Target[] = [
  ...CLAIM_TARGETS,
  {
    id: 'claim-text',
    seeds: () =>
      [`sha256:${SHA256}`, `sha256-${'A'.repeat(43)}=`, SHA256, `${SHA256}  a\n`, 'b1 c2 '.repeat(16)].map((one) =>
        textSeed(one),
      ),
    words: DIGEST_WORDS,
    refuses: /^CLAIM_/,
    run: async (bytes) => structuredClone(parseAgainstText(claimText(bytes, 'pasted'), 'pasted')),
  },
  {
    id: 'lfs-pointer',
    seeds: () => [textSeed(`version https://git-lfs.github.com/spec/v1\noid sha256:${SHA256}\nsize 12\n`)],
    refuses: /^CLAIM_/,
    run: async (bytes) => parseLfsPointer(bytes),
  },
  {
    id: 'hub-tree',
    seeds: () => [
      jsonSeed([
        { type: 'file', path: 'a/b.bin', size: 10, oid: SHA1, lfs: { oid: SHA256, size: 10, pointerSize: 130 } },
        { type: 'directory', path: 'a', size: 0, oid: SHA1 },
      ]),
    ],
    words: ['"../x"', '"/a"', '"path":', '"size":-1', '"lfs":{}'],
    refuses: /^HUB_/,
    run: (bytes) => listFiles(hubThatSays(bytes), 'a/b', SHA1),
  },
  {
    id: 'hub-commits',
    seeds: () => [jsonSeed([{ id: SHA1, title: 't', date: '2026-01-01T00:00:00.000Z', authors: [] }])],
    refuses: /^HUB_/,
    run: (bytes) => listCommits(hubThatSays(bytes), 'a/b', 'main', 10),
  },
  {
    id: 'hub-reference',
    seeds: () =>
      ['org/name@main', 'https://huggingface.co/org/name/tree/refs%2Fpr%2F1/a/b?x#y', 'hf://org/name', 'gpt2'].map(
        (one) => textSeed(one),
      ),
    words: ['%2f', '%00', '..', '@', '://', '?', 'huggingface.co', '%zz', '[', '\\'],
    refuses: /^HUB_/,
    run: async (bytes) => parseHubRef(text(bytes)),
  },
  {
    id: 'content-range',
    seeds: () => [textSeed('bytes 0-1/10'), textSeed('bytes */10'), textSeed('bytes 0-1/*')],
    refuses: /^SOURCE_/,
    run: async (bytes) => parseContentRange(text(bytes)),
  },
  {
    id: 'report-link',
    seeds: () => [jsonSeed(SAMPLE)],
    words: ['"checks":', '"__proto__":', '-_', '=='],
    wrap: (bytes) => new TextEncoder().encode(Buffer.from(deflateSync(bytes)).toString('base64url')),
    refuses: /^USAGE$/,
    async run(bytes) {
      const fragment = `#report=${text(bytes)}`;
      const route = parseRoute({ hash: fragment, search: '' });
      if (route.screen === 'shared') await unpackReport(route.packed);
    },
  },
  {
    id: 'deep-link',
    seeds: () =>
      ['?repo=org/name&depth=full&file=a%2Fb', `?repo=a/b&digest=sha256:${SHA256}`].map((one) => textSeed(one)),
    words: ['&', '=', '%', '%zz', '?repo=', '&rev=', '+'],
    refuses: /^USAGE$/,
    run: async (bytes) => parseRoute({ hash: '', search: text(bytes) }),
  },
];

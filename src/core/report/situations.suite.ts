/** What people meet, as input for the verdict: what lies there, who states what, and what happened. */
import { parseGgufHashFile } from '../claims/gguf-hash.ts';
import { parseAgainstText } from '../claims/registry.ts';
import {
  file,
  hub,
  md5,
  sha256,
  sighting,
  sums,
  unread,
  type Circumstances,
  type SituationFile,
} from './situation.suite.ts';

const UNKNOWN = { code: 'unknown-global', severity: 'caution', detail: {} } as const;

const W = (n: number, text = 'w'): SituationFile[] =>
  Array.from({ length: n }, (_, i) => file(`model-0000${i + 1}-of-0000${n}.safetensors`, `${text}${i}`));
const stated = (n: number, text = 'w'): Record<string, string> =>
  Object.fromEntries(W(n, text).map((f, i) => [f.path, `${text}${i}`]));
const pasted = (t: string) => parseAgainstText(t, 'the digest you pasted');
const one = file('model.safetensors', 'w');
const offline = {
  axis: 'bytes',
  kind: 'claim-unreadable',
  outcome: 'could-not-check',
  source: { kind: 'hub', name: 'org/name', independent: true },
  reason: { code: 'SOURCE_OFFLINE', detail: { asked: true } },
} as const;
const truncated = {
  format: undefined,
  formatError: {
    code: 'FORMAT_TRUNCATED',
    detail: { tensor: 'blk.27.ffn_up.weight', missing: 412_000_000, expected: 5, actual: 4 },
  },
  tensors: [],
} as unknown as Partial<SituationFile>;
const pointer = {
  format: undefined,
  tensors: [],
  notAModel: { kind: 'git-lfs-pointer', detail: { oid: sha256('w'), realSize: 4_900_000_000 } },
} as unknown as Partial<SituationFile>;
export const SITUATIONS: readonly (readonly [fact: string, files: readonly SituationFile[], given: Circumstances])[] = [
  ['a folder equals a repository', W(4), { claims: [hub(stated(4))] }],
  [
    'weights and configuration equal a repository',
    [...W(4), file('config.json', 'c')],
    { claims: [hub({ ...stated(4), 'config.json': 'c' })] },
  ],
  ['one file equals that of a repository', [one], { claims: [hub({ 'model.safetensors': 'w' })] }],
  [
    'one file equals a file of a repository under another name',
    [file('x.safetensors', 'w')],
    { claims: [hub({ 'model.safetensors': 'w', b: 'b' })] },
  ],
  ['files read from the Hub have its digests', W(4), { claims: [hub(stated(4), true)], origin: 'hub' }],
  [
    'one file read from the Hub has its digest',
    [one],
    { claims: [hub({ 'model.safetensors': 'w' }, true)], origin: 'hub' },
  ],
  ['files match a list that came with them', W(4), { claims: [sums(stated(4))] }],
  ['one file matches a list that came with it', [one], { claims: [sums({ 'model.safetensors': 'w' })] }],
  ['files match a list that a person gave', W(2), { claims: [sums(stated(2), { independent: true })] }],
  ['files match a list that names more than is here', W(2), { claims: [sums({ ...stated(2), 'third.bin': 'x' })] }],
  ['one file has the pasted digest', [one], { claims: [pasted(`sha256:${sha256('w')}`)] }],
  ['one file has a pasted digest that names no algorithm', [one], { claims: [pasted(sha256('w'))] }],
  ['one file has a weak pasted digest', [one], { claims: [pasted(md5('w'))] }],
  ['one file does not have a pasted digest that names no algorithm', [one], { claims: [pasted(sha256('z'))] }],
  ['no file has the pasted digest', W(3), { claims: [pasted(sha256('z'))] }],
  ['the repository is named before the list', W(2), { claims: [sums(stated(2)), hub(stated(2))] }],
  ['a list matches and the repository could not be asked', W(2), { claims: [sums(stated(2))], extra: [offline] }],
  ['the repository could not be asked', [one], { extra: [offline] }],
  [
    'the repository could not be asked, the database knows the bytes',
    [one],
    { extra: [offline], sightings: [sighting('model.safetensors', 'w')] },
  ],
  ['a list leaves one file out', W(4), { claims: [sums(Object.fromEntries(Object.entries(stated(4)).slice(0, 3)))] }],
  ['a file is not part of the repository', [...W(2), file('extra.safetensors', 'e')], { claims: [hub(stated(2))] }],
  [
    'each file is stated by another',
    W(2),
    { claims: [sums({ [W(2)[0]!.path]: 'w0' }), pasted(`sha256:${sha256('w1')}`)] },
  ],
  ['only the configuration is listed', [one, file('config.json', 'c')], { claims: [sums({ 'config.json': 'c' })] }],
  [
    'tensors match and the file was not compared',
    [
      file('m.gguf', 'x', {
        tensorExtra: { sha256: [sha256('a'), sha256('b')] },
        tensorData: { sha256: sha256('ab') },
      }),
    ],
    {
      claims: [
        parseGgufHashFile(
          `sha256  ${sha256('a')}  m.gguf:a\nsha256  ${sha256('b')}  m.gguf:b\nsha256  ${sha256('ab')}  m.gguf\n`,
          'm.gguf.manifest',
        ),
      ],
    },
  ],
  [
    'one tensor differs',
    [
      file('m.gguf', 'x', {
        tensorExtra: { sha256: [sha256('a'), sha256('z')] },
        tensorData: { sha256: sha256('az') },
      }),
    ],
    {
      claims: [
        parseGgufHashFile(`sha256  ${sha256('a')}  m.gguf:a\nsha256  ${sha256('b')}  m.gguf:b\n`, 'm.gguf.manifest'),
      ],
    },
  ],
  ['one shard differs at the same size', [file(W(4)[0]!.path, 'XX'), ...W(4).slice(1)], { claims: [hub(stated(4))] }],
  ['one shard is shorter than published', [file(W(4)[0]!.path, 'X'), ...W(4).slice(1)], { claims: [hub(stated(4))] }],
  [
    'three shards are not those of the repository',
    [...W(4, 'x').slice(0, 3), ...W(4).slice(3)],
    { claims: [hub(stated(4))] },
  ],
  [
    'three shards are not those of the list',
    [...W(4, 'x').slice(0, 3), ...W(4).slice(3)],
    { claims: [sums(stated(4))] },
  ],
  [
    'a file equals an older commit',
    [file('model.safetensors', 'v')],
    {
      claims: [hub({ 'model.safetensors': 'w' })],
      alter: (c) =>
        c.outcome === 'contradicts'
          ? {
              ...c,
              detail: { ...c.detail, equalsCommit: '9f8e7d6'.padEnd(40, '0'), equalsDate: '2026-05-03T10:00:00Z' },
            }
          : c,
    },
  ],
  [
    'a file equals no commit that was looked at',
    [file('model.safetensors', 'v')],
    {
      claims: [hub({ 'model.safetensors': 'w' })],
      alter: (c) => (c.outcome === 'contradicts' ? { ...c, detail: { ...c.detail, commitsLooked: 12 } } : c),
    },
  ],
  ['a file is nowhere in the repository', [file('mine.safetensors', 'mine')], { claims: [hub(stated(4))] }],
  [
    'two files changed places',
    [file('a.bin', 'B'), file('b.bin', 'A')],
    { claims: [sums({ 'a.bin': 'A', 'b.bin': 'B' })] },
  ],
  ['a download broke off', [file('m.gguf', 'x', truncated)], {}],
  [
    'a download broke off and a list says so too',
    [file('m.gguf', 'x', truncated)],
    { claims: [sums({ 'm.gguf': 'y' })] },
  ],
  ['a Git LFS pointer lies in place of weights', [file('model.safetensors', 'p', pointer)], {}],
  [
    'every shard is a Git LFS pointer',
    W(3).map((f) => ({ ...f, ...pointer }) as SituationFile),
    { claims: [hub(stated(3, 'z'))] },
  ],
  [
    'a file goes on after its end',
    [
      file('m.gguf', 'x', {
        format: undefined,
        tensors: [],
        formatError: { code: 'FORMAT_TRAILING_BYTES', detail: { bytes: 12 } },
      } as unknown as Partial<SituationFile>),
    ],
    {},
  ],
  [
    'a header cannot be read',
    [
      file('m.gguf', 'x', {
        format: undefined,
        tensors: [],
        formatError: { code: 'FORMAT_JSON', detail: {} },
      } as unknown as Partial<SituationFile>),
    ],
    {},
  ],
  [
    'a header cannot be read and the bytes are the published ones',
    [
      file('m.gguf', 'x', {
        format: undefined,
        tensors: [],
        formatError: { code: 'FORMAT_VERSION', detail: {} },
      } as unknown as Partial<SituationFile>),
    ],
    { claims: [hub({ 'm.gguf': 'x' })] },
  ],
  [
    'the person stopped in the middle',
    [
      W(4)[0]!,
      ...W(4)
        .slice(1)
        .map((f) => unread(f.path, 'aborted')),
    ],
    { claims: [sums(stated(4))], stopped: true },
  ],
  [
    'the person stopped at once',
    W(4).map((f) => unread(f.path, 'aborted')),
    { claims: [sums(stated(4))], stopped: true },
  ],
  [
    'one file changed while it was read',
    [one, unread('b.safetensors', 'failed', { error: { code: 'SOURCE_CHANGED', detail: {} } })],
    { claims: [sums({ 'model.safetensors': 'w', 'b.safetensors': 'b' })] },
  ],
  [
    'nothing could be read',
    [unread('b.safetensors', 'failed', { error: { code: 'SOURCE_UNREADABLE', detail: {} } })],
    {},
  ],
  [
    'only headers of two shards were read',
    W(2).map((f) => unread(f.path, 'headers-only', { size: 2 })),
    { depth: 'headers', claims: [hub(stated(2))] },
  ],
  ['only the header of one file was read', [unread('m.gguf', 'headers-only')], { depth: 'headers' }],
  ['only the database knows the bytes', [file('m.gguf', 'w')], { sightings: [sighting('m.gguf', 'w')] }],
  [
    'only a list knows the bytes, and the name has moved',
    [file('m.gguf', 'w')],
    {
      sightings: [
        sighting('m.gguf', 'w', { trust: 'listed', moved: true, old: true, revision: undefined } as unknown as Partial<
          ReturnType<typeof sighting>
        >),
      ],
    },
  ],
  [
    'only a disputed row knows the bytes',
    [file('m.gguf', 'w')],
    { sightings: [sighting('m.gguf', 'w', { disputed: true })] },
  ],
  ['the database knows one of three shards', W(3), { sightings: [sighting(W(3)[0]!.path, 'w0')] }],
  [
    'the database knows all shards, from one place',
    W(2),
    { sightings: [sighting(W(2)[0]!.path, 'w0'), sighting(W(2)[1]!.path, 'w1')] },
  ],
  ['nobody states anything', [one], {}],
  [
    'nobody states anything and the container is unknown',
    [file('m.bin', 'x', { format: undefined, tensors: [] } as unknown as Partial<SituationFile>)],
    {},
  ],
  [
    'published bytes hold something that would run',
    [file('m.gguf', 'x', { findings: [{ code: 'template-escape', severity: 'danger', detail: {} }] })],
    { claims: [hub({ 'm.gguf': 'x' })] },
  ],
  [
    'a pickle would import names that nobody knows',
    [file('m.pt', 'x', { findings: [UNKNOWN, UNKNOWN] })],
    { claims: [hub({ 'm.pt': 'x' })] },
  ],
  [
    'a pickle would import names of every class',
    [file('m.pt', 'x', { findings: [UNKNOWN, { code: 'dangerous-global', severity: 'danger', detail: {} }] })],
    { claims: [hub({ 'm.pt': 'x' })] },
  ],
  ['there is no file', [], {}],
];

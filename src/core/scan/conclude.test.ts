import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubFixture, quickClock, type HubFixture } from '../../../e2e/hub/fixture.ts';
import { exitStatus } from '../../cli/exit-status.ts';
import { openSource } from '../bytes/open.ts';
import { NO_EXPECTATIONS, type Expectations } from '../claims/attestations/kind.ts';
import { newKey, signed, statementOver } from '../claims/attestations/oms/sign.suite.ts';
import { buildDatabase } from '../db/build.ts';
import type { DatabaseFiles } from '../db/lookup.ts';
import { AppError } from '../errors.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { silentContext } from '../progress.ts';
import { groupChecks } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import { statement } from '../report/words/statement.ts';
import { scanArtifact } from './artifact.ts';
import { conclude, type ConcludeTools } from './conclude.ts';
import type { Against, ArtifactScan, Depth, Intake } from './model.ts';
import { makePlan } from './plan.ts';

const root = join(import.meta.dirname, '../../..');
const shared = join(root, '../shared/golden/formats');
const fixture = (path: string): Uint8Array => readFileSync(join(root, 'fixtures', path));
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A safetensors file with one tensor of these bytes. */
function weights(text: string): Uint8Array {
  const json = JSON.stringify({ a: { dtype: 'U8', shape: [text.length], data_offsets: [0, text.length] } }).padEnd(80);
  const file = new Uint8Array(8 + json.length + text.length);
  new DataView(file.buffer).setUint32(0, json.length, true);
  file.set(encode(json + text), 8);
  return file;
}

type Files = Readonly<Record<string, Uint8Array | string>>;

interface Given {
  readonly against?: readonly Against[];
  readonly depth?: Depth;
  readonly offline?: boolean;
  /** Only these were scanned before the person stopped. */
  readonly scanned?: readonly string[];
  readonly database?: DatabaseFiles;
  readonly tools?: ConcludeTools;
  readonly expect?: Expectations;
}

const schema = JSON.parse(readFileSync(join(root, 'public/schema/report-v1.json'), 'utf8')) as object;
const fits = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

/** The whole way: plan, one read of each file with the real readers, conclusion. */
async function check(files: Files, given: Given = {}): Promise<Report> {
  const list = Object.entries(files).map(([path, content]) => {
    const bytes = typeof content === 'string' ? encode(content) : content;
    return { path, size: bytes.length, spec: { kind: 'bytes', name: path, bytes } as const };
  });
  return run({ kind: 'local', name: 'model', files: list }, given);
}

async function run(intake: Intake, given: Given): Promise<Report> {
  const { against = [], depth = 'full', offline = false, scanned, database, tools = {}, expect: expected } = given;
  const ctx = silentContext();
  const plan = await makePlan({ intake, against, depth }, tools, ctx);
  const scans: ArtifactScan[] = [];
  for (const artifact of plan.artifacts) {
    if (scanned !== undefined && !scanned.includes(artifact.path)) continue;
    if (depth === 'headers' && artifact.role !== 'weights') continue;
    const source = await openSource(artifact.spec, tools, ctx.signal);
    scans.push(await scanArtifact(source, artifact, depth, { hashes: wasmHashes() }, ctx));
  }
  const request = {
    plan,
    against,
    scans,
    database: database === undefined ? null : 'db/',
    offline,
    stopped: scanned !== undefined,
    now: '2026-11-21T10:00:00.000Z',
    ...(expected === undefined ? {} : { expect: expected }),
  };
  const report = await conclude(
    request,
    { ...tools, ...(database === undefined ? {} : { databaseFiles: () => database }) },
    ctx,
  );
  expect(fits(JSON.parse(JSON.stringify(report))), JSON.stringify(fits.errors)).toBe(true);
  expect(new Set(report.checks.map((c) => c.id)).size).toBe(report.checks.length);
  return report;
}

const text = (name: string, content: string): Against => ({ kind: 'text', name, text: content });
const line = (path: string, bytes: Uint8Array | string): string => `${sha256(bytes)}  ${path}\n`;
const said = (report: Report): string[] => {
  const { contradicted, verified, unchecked } = groupChecks(report);
  return [...contradicted, ...verified, ...unchecked].map((c) => `${c.outcome}: ${statement(c).text}`);
};

describe('files of this device', () => {
  const a = weights('aaaa');
  const b = weights('bbbb');
  it('against a list beside them: every file read, compared and told', async () => {
    const report = await check({
      'a.safetensors': a,
      'b.safetensors': b,
      'config.json': '{}',
      SHA256SUMS: line('a.safetensors', a) + line('b.safetensors', b),
    });
    expect(said(report)).toEqual([
      'matches: a.safetensors has the SHA-256 that SHA256SUMS lists.',
      'matches: b.safetensors has the SHA-256 that SHA256SUMS lists.',
      'matches: a.safetensors ends where its header says, with its one tensor inside.',
      'matches: b.safetensors ends where its header says, with its one tensor inside.',
      'no-claim: No signature lies beside these files.',
    ]);
    expect(report.verdict.sentence).toBe('Both weight files have the digests that SHA256SUMS lists.');
    expect(exitStatus(report)).toBe(0);
    expect(report.artifacts.map((f) => [f.path, f.digests['sha256']])).toContainEqual(['a.safetensors', sha256(a)]);
    expect(report.artifacts[0]!.tensors[0]).toMatchObject({ name: 'a', dtype: 'U8', shape: [4], bytes: 4 });
  });
  it('one flipped bit contradicts', async () => {
    const spoilt = Uint8Array.from(a);
    spoilt[spoilt.length - 1]! ^= 1;
    const report = await check(
      { 'a.safetensors': spoilt },
      { against: [text('SHA256SUMS', line('a.safetensors', a))] },
    );
    expect(report.verdict).toMatchObject({
      outcome: 'contradicts',
      sentence: 'a.safetensors does not have the SHA-256 that SHA256SUMS lists.',
    });
    expect(exitStatus(report)).toBe(1);
  });
  it.each(['md5', 'sha1', 'sha512', 'blake2b', 'blake3', 'xxh64'] as const)(
    '%s is computed because the list asks for it',
    async (algorithm) => {
      const hasher = await wasmHashes().create(algorithm, a.length);
      hasher.update(a);
      const list = `${algorithm}:${hasher.digest()}  a.safetensors\n`;
      const report = await check({ 'a.safetensors': a }, { against: [text('digests', list)] });
      expect(exitStatus(report)).toBe(0);
      expect(report.checks[0]).toMatchObject({ kind: 'file-digest', outcome: 'matches', algorithm });
    },
  );
  it('nobody states anything: said, and no success', async () => {
    const report = await check({ 'a.safetensors': a });
    expect(report.verdict.sentence).toBe('a.safetensors is complete, and nothing states what its bytes should be.');
    expect(said(report)).toContain(
      'no-claim: Nothing states what these bytes should be: no checksum list, no repository and no digest was found or given.',
    );
    expect(exitStatus(report)).toBe(2);
  });
  it('what was given to compare with and is none could not be checked', async () => {
    const report = await check(
      { 'a.safetensors': a },
      { against: [text('the digest on the command line', 'SHA256SUM')] },
    );
    expect(said(report)).toContain(
      'could-not-check: Nothing was compared with the digest on the command line: it is not a digest of the stated kind.',
    );
    expect(exitStatus(report)).toBe(2);
  });
  it('a stopped run compares what was read and names what was not', async () => {
    const sums = line('a.safetensors', a) + line('b.safetensors', b);
    const report = await check(
      { 'a.safetensors': a, 'b.safetensors': b, SHA256SUMS: sums },
      { scanned: ['a.safetensors'] },
    );
    expect(report.verdict.sentence).toBe(
      'You stopped after 1 of 2 weight files. What was read matches what SHA256SUMS states.',
    );
    expect(said(report)).toContain(
      'could-not-check: b.safetensors was not compared with SHA256SUMS: you stopped before it was read.',
    );
    expect(report.artifacts.map((f) => f.status)).toEqual(['complete', 'not-read', 'not-read']);
  });
  it('at header depth nothing is compared, and that is said', async () => {
    const report = await check({ 'a.safetensors': a, SHA256SUMS: line('a.safetensors', a) }, { depth: 'headers' });
    expect(report.verdict.outcome).toBe('could-not-check');
    expect(said(report)).toContain('could-not-check: Nothing was compared with SHA256SUMS: only headers were read.');
  });
  it('a truncated container is named with its first lost tensor and the missing bytes', async () => {
    const report = await check({ 'm.gguf': fixture('gguf/broken-truncated-in-data.gguf') });
    expect(report.verdict.outcome).toBe('contradicts');
    expect(report.verdict.sentence).toMatch(
      /^m\.gguf ends [\d,.]+ \w+ before its header says, and \S+ is the first tensor that is cut\.$/,
    );
    expect(exitStatus(report)).toBe(1);
  });
  it('a Git LFS pointer in place of weights is named, and its digest is compared with the file it stands for', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(a)}\nsize ${a.length}\n`;
    const report = await check({ 'repo/a.safetensors': pointer, 'fetched/a.safetensors': a });
    expect(report.verdict.sentence).toMatch(/^repo\/a\.safetensors is a Git LFS pointer \(\d+ bytes\), not weights\.$/);
    expect(said(report)).toContain(
      'matches: fetched/a.safetensors (the file that repo/a.safetensors stands for) has the SHA-256 that a Git LFS pointer states.',
    );
  });
  it('a web page in place of weights is named, with what to do', async () => {
    const report = await check(
      { 'a.safetensors': '<!doctype html><html><title>Sign in</title></html>' },
      { against: [text('SHA256SUMS', line('a.safetensors', a))] },
    );
    expect(report.verdict.sentence).toBe('a.safetensors is a web page, not weights.');
    expect(report.verdict.note).toContain('It also does not have the digest that SHA256SUMS lists.');
  });
  it('Ollama’s store: the model layer is known by the manifest', async () => {
    const digest = sha256(a);
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        digest: `sha256:${sha256('{}')}`,
        size: 2,
      },
      layers: [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}`, size: a.length }],
    });
    const store = {
      'manifests/registry.ollama.ai/library/tiny/latest': manifest,
      [`blobs/sha256-${digest}`]: a,
      [`blobs/sha256-${sha256('{}')}`]: '{}',
    };
    const report = await check(store);
    expect(said(report)).toContain(
      `matches: blobs/sha256-${digest} (model layer of tiny:latest) has the SHA-256 that Ollama’s manifest of tiny:latest states.`,
    );
    expect(exitStatus(report)).toBe(0);
    const spoilt = await check({ ...store, [`blobs/sha256-${digest}`]: b });
    expect(spoilt.verdict.outcome).toBe('contradicts');
  });
  it('shards: what the index lists and is not here keeps the model from loading', async () => {
    const index = JSON.stringify({
      metadata: {},
      weight_map: { a: 'model-00001-of-00002.safetensors', z: 'model-00002-of-00002.safetensors' },
    });
    const report = await check({ 'model-00001-of-00002.safetensors': a, 'model.safetensors.index.json': index });
    expect(report.verdict.outcome).toBe('contradicts');
    expect(report.verdict.sentence).toBe(
      'model-00002-of-00002.safetensors is not here, and the model needs it (model.safetensors.index.json says so).',
    );
  });
  it('one shard alone is not blamed for the others', async () => {
    const report = await check(
      { 'model-00001-of-00002.safetensors': a },
      { against: [text('the digest you pasted', sha256(a))] },
    );
    expect(exitStatus(report)).toBe(0);
    expect(said(report)).toContain(
      'no-claim: model-00002-of-00002.safetensors belongs to the same model and is not here.',
    );
  });
  it('a signature of no known kind is not passed over', async () => {
    const report = await check({ 'a.safetensors': a, 'a.safetensors.sig': 'x' });
    const line = 'a.safetensors.sig: who signed is not established';
    expect(report.axes.signer).toEqual({ outcome: 'could-not-check', line });
    expect(said(report)).toContain(`could-not-check: ${line}: it is in no known form.`);
  });
  it('a model signature is checked with the given key, and covers the files it lists', async () => {
    const key = newKey();
    const bundle = signed(statementOver({ 'a.safetensors': a }), key);
    const keys = [{ bytes: encode(key.pem), origin: { from: 'given', name: 'release.pem' } as const }];
    const expected = { ...NO_EXPECTATIONS, keys };
    const report = await check({ 'a.safetensors': a, 'model.sig': bundle }, { expect: expected });
    expect(report.axes.signer).toEqual({ outcome: 'matches', line: 'Signed by release.pem' });
    expect(report.verdict).toMatchObject({ outcome: 'matches' });
    expect(exitStatus(report)).toBe(0);
    const changed = await check({ 'a.safetensors': weights('other'), 'model.sig': bundle }, { expect: expected });
    expect(changed.axes.signer.outcome).toBe('contradicts');
    expect(exitStatus(changed)).toBe(1);
  });
  it('a file that a signature or record speaks for is not said to be spoken for by nobody, beside a list that leaves it out', async () => {
    const bundle = signed(statementOver({ 'a.safetensors': a, 'model.bin': encode('x') }), newKey());
    const files = { 'a.safetensors': a, 'b.safetensors': weights('b'), 'c.safetensors': weights('c') };
    const list = `${sha256(files['b.safetensors'])}  b.safetensors\n`;
    const unclaimed = (report: Report): unknown[] =>
      report.checks.filter(({ kind }) => kind === 'file-unclaimed').map(({ path }) => path);
    expect(unclaimed(await check({ ...files, SHA256SUMS: list }))).toEqual(['a.safetensors', 'c.safetensors']);
    expect(unclaimed(await check({ ...files, SHA256SUMS: list, 'model.sig': bundle }))).toEqual(['c.safetensors']);
  });
  it('a model signature without a key leaves the signer open and still compares the list', async () => {
    const bundle = signed(statementOver({ 'a.safetensors': a }), newKey());
    const report = await check({ 'a.safetensors': a, 'model.sig': bundle });
    expect(report.axes.signer.outcome).toBe('could-not-check');
    expect(exitStatus(report)).toBe(2);
    expect(report.attestations[0]?.steps.map(({ id, outcome }) => `${id} ${outcome}`)).toContain('files matches');
  });
});

describe.skipIf(!existsSync(shared))(
  'manifests of gguf-hash, from payload digests that another reader computed',
  () => {
    interface Expected {
      readonly tensors: readonly {
        readonly name: string;
        readonly payload_sha256: string;
        readonly file_offset: number;
        readonly byte_length: number;
      }[];
    }
    const names = existsSync(shared)
      ? readdirSync(join(shared, 'gguf')).filter((n) =>
          /^(tiny-|tensors-|quants-|quant-q4_0|alignment|no-tail)/.test(n),
        )
      : [];
    it.each(names)('%s: every tensor and all of them together', async (name) => {
      const bytes = readFileSync(join(shared, 'gguf', name));
      const { tensors } = JSON.parse(readFileSync(join(shared, 'expected/gguf', `${name}.json`), 'utf8')) as Expected;
      const all = createHash('sha256');
      for (const t of tensors) all.update(bytes.subarray(t.file_offset, t.file_offset + t.byte_length));
      const manifest = [
        ...tensors.map((t) => `sha256    ${t.payload_sha256}  ${name}:${t.name}`),
        `sha256    ${all.digest('hex')}  ${name}`,
        '',
      ].join('\n');
      const report = await check({ [name]: bytes, [`${name}.manifest`]: manifest });
      expect(
        report.checks.filter((c) => c.kind.startsWith('tensor')).map((c) => [c.kind, c.outcome, c.detail?.['tensors']]),
      ).toEqual([
        ['tensor-data-digest', 'matches', undefined],
        ['tensor-digest', 'matches', tensors.length],
      ]);
      expect(exitStatus(report)).toBe(0);
    });
  },
);

describe('against a repository', () => {
  const a = weights('aaaa');
  const old = weights('old!');
  let hub: HubFixture;
  const tools = (): ConcludeTools => ({ http: { fetchFn: fetch, clock: quickClock() } });
  const ref = (revision?: string, file?: string): Against => ({
    kind: 'hub',
    endpoint: hub.hub.url,
    ref: { repo: 'org/name', ...(revision === undefined ? {} : { revision }), ...(file === undefined ? {} : { file }) },
  });
  beforeAll(async () => {
    hub = await hubFixture();
    await hub.put('org/name/main/model.safetensors', a);
    await hub.put('org/name/main/config.json', '{}');
    await hub.put('org/name/main~1/model.safetensors', old);
    await hub.put('org/name/main~1/config.json', '{}');
  });
  afterAll(() => hub.close());

  it('a folder that equals it', async () => {
    const report = await check(
      { 'model.safetensors': a, 'config.json': '{}', 'notes.txt': 'mine' },
      { against: [ref()], tools: tools() },
    );
    expect(report.verdict.sentence).toMatch(
      /^model\.safetensors is byte-identical to the file of org\/name at [0-9a-f]{7} \(digest published by Hugging Face\)\.$/,
    );
    expect(
      said(report)
        .filter((t) => !t.startsWith('matches'))
        .map((t) => t.replace(/[0-9a-f]{7}\./, 'COMMIT.')),
    ).toEqual([
      'no-claim: notes.txt is not part of org/name at COMMIT.',
      'no-claim: No signature lies beside these files.',
    ]);
    expect(exitStatus(report)).toBe(0);
  });
  it('a file that was replaced upstream equals an earlier commit, with its date', async () => {
    const report = await check({ 'model.safetensors': old, 'config.json': '{}' }, { against: [ref()], tools: tools() });
    expect(report.verdict.sentence).toMatch(
      /^model\.safetensors is not the file of org\/name at [0-9a-f]{7}; it equals the one of commit [0-9a-f]{7} of \d+ \w+ \d{4}\.$/,
    );
    expect(exitStatus(report)).toBe(1);
  });
  it('a file that equals no commit says how many were looked at', async () => {
    const report = await check(
      { 'model.safetensors': weights('zzzz'), 'config.json': '{}' },
      { against: [ref()], tools: tools() },
    );
    expect(report.verdict.note).toContain('None of the last 2 commits there has these bytes.');
  });
  it('one file of it, under another name', async () => {
    const report = await check({ 'x.bin': a }, { against: [ref('main', 'model.safetensors')], tools: tools() });
    expect(report.verdict.sentence).toMatch(
      /^x\.bin is byte-identical to model\.safetensors of org\/name at [0-9a-f]{7} \(digest/,
    );
  });
  it('offline: the rest is compared, and the repository is named as not asked', async () => {
    const report = await check(
      { 'model.safetensors': a, SHA256SUMS: line('model.safetensors', a) },
      { against: [ref()], offline: true, tools: tools() },
    );
    expect(report.verdict).toMatchObject({
      outcome: 'could-not-check',
      sentence:
        'model.safetensors has the SHA-256 that SHA256SUMS lists; nothing was compared with org/name on Hugging Face: you are offline.',
    });
    expect(exitStatus(report)).toBe(2);
  });
  it('a repository that is not there', async () => {
    const missing: Against = { kind: 'hub', endpoint: hub.hub.url, ref: { repo: 'org/none' } };
    const report = await check({ 'model.safetensors': a }, { against: [missing], tools: tools() });
    expect(report.checks.find((c) => c.kind === 'claim-unreadable')?.reason?.code).toBe('HUB_UNAUTHORISED');
    expect(exitStatus(report)).toBe(2);
  });
  it('read from the Hub itself: same host, and the note says so', async () => {
    const intake: Intake = { kind: 'hub', endpoint: hub.hub.url, ref: { repo: 'org/name' } };
    const report = await run(intake, { tools: tools() });
    expect(report.verdict.sentence).toMatch(
      /^Both files have the digests that Hugging Face publishes for org\/name at [0-9a-f]{7}\.$/,
    );
    expect(report.verdict.note).toContain('same host');
    expect(report.checks.filter((c) => c.kind === 'file-digest').every((c) => !c.source.independent)).toBe(true);
    expect(exitStatus(report)).toBe(0);
  });
});

describe('with the database of known files', () => {
  const a = weights('aaaa');
  const sightings = [
    {
      repo: 'hf:org/name',
      file: 'model.safetensors',
      revision: 'f'.repeat(40),
      license: 'mit',
      source: 0,
      trust: 'commit' as const,
      moved: false,
      old: false,
      disputed: false,
    },
  ];
  const database = async (
    edit: (path: string, bytes: Uint8Array) => Uint8Array | null = (_, bytes) => bytes,
  ): Promise<DatabaseFiles> => {
    const files = [{ sha256: sha256(a), size: a.length, sightings }];
    const sources = [
      { name: 'org/list', url: 'https://example.org/list', revision: '1', license: 'MIT', read: '2026-11-20' },
    ];
    const built = await buildDatabase({ files, sources, sequence: 1, created: '2026-11-20', tool: 'test' }, async (b) =>
      createHash('sha256').update(b).digest(),
    );
    return { get: async (path) => edit(path, built.get(path) ?? new Uint8Array(0)) };
  };
  it('known bytes are told by where they were published, and that is all it says', async () => {
    const report = await check({ 'renamed.safetensors': a }, { database: await database() });
    expect(report.verdict.sentence).toBe(
      'These bytes were published as model.safetensors in org/name on Hugging Face at fffffff.',
    );
    expect(report.sightings).toMatchObject([{ path: 'renamed.safetensors', repo: 'hf:org/name', trust: 'commit' }]);
    expect(report.database).toMatchObject({ files: 1, created: '2026-11-20', sequence: 1, signature: 'unsigned' });
  });
  it('unknown bytes are a row that says nothing about them', async () => {
    const report = await check({ 'x.safetensors': weights('none') }, { database: await database() });
    expect(said(report)).toContain(
      'no-claim: x.safetensors is not in the database (1 known file, 20 November 2026). That is common, and says nothing about it.',
    );
    expect(report.verdict.outcome).toBe('no-claim');
  });
  it('a shard with one flipped bit is refused by name, and never read as “not known”', async () => {
    const flip = await database((path, bytes) => {
      if (!path.startsWith('files/')) return bytes;
      const copy = Uint8Array.from(bytes);
      copy[3]! ^= 1;
      return copy;
    });
    const report = await check({ 'x.safetensors': a }, { database: flip });
    expect(report.sightings).toEqual([]);
    const shard = `files/${sha256(a).slice(0, 2)}.json`;
    expect(said(report)).toContain(
      `could-not-check: x.safetensors was not looked up in the database of known files: its file ${shard} is not the published one.`,
    );
    expect(exitStatus(report)).toBe(2);
  });
  it('a database that is not there is said once', async () => {
    const report = await check(
      { 'x.safetensors': a, 'y.safetensors': weights('yyyy') },
      { database: { get: async () => null } },
    );
    expect(said(report).filter((t) => t.includes('database'))).toEqual([
      'could-not-check: The database of known files was not used: there is none here.',
    ]);
    expect(report.database).toBe(null);
  });
  it('an old database says its age', async () => {
    const files = await database();
    const plan = await makePlan(
      {
        intake: {
          kind: 'local',
          name: 'm',
          files: [{ path: 'x.safetensors', size: 1, spec: { kind: 'bytes', name: 'x', bytes: weights('none') } }],
        },
        against: [],
        depth: 'full',
      },
      {},
      silentContext(),
    );
    const scan = await scanArtifact(
      await openSource(plan.artifacts[0]!.spec, {}),
      plan.artifacts[0]!,
      'full',
      { hashes: wasmHashes() },
      silentContext(),
    );
    const report = await conclude(
      {
        plan,
        against: [],
        scans: [scan],
        database: 'x',
        offline: true,
        stopped: false,
        now: '2027-11-20T00:00:00.000Z',
      },
      { databaseFiles: () => files },
      silentContext(),
    );
    expect(said(report).join(' ')).toContain('(1 known file, 20 November 2026, 365 days old)');
  });
});

describe('nothing that goes wrong beside the files breaks the report', () => {
  it.each(['SOURCE_UNREADABLE', 'SOURCE_CHANGED'] as const)('a claim that cannot be read: %s', async (code) => {
    const a = weights('aaaa');
    const openPath = async (): Promise<never> => {
      throw new AppError(code, { name: 'SHA256SUMS' });
    };
    const files = [
      { path: 'a.safetensors', size: a.length, spec: { kind: 'bytes', name: 'a.safetensors', bytes: a } as const },
      { path: 'SHA256SUMS', size: 90, spec: { kind: 'path', name: 'SHA256SUMS', path: '/x' } as const },
    ];
    const report = await run({ kind: 'local', name: 'm', files }, { tools: { openPath }, scanned: ['a.safetensors'] });
    expect(report.checks.find((c) => c.kind === 'claim-unreadable')).toMatchObject({
      source: { name: 'SHA256SUMS' },
      reason: { code },
    });
  });
});

it('a file of weights says what its tensors are, other files do not', async () => {
  const { artifacts } = await check({ 'model.safetensors': weights('abc'), 'config.json': '{}' });
  const facts = new Map(artifacts.map((artifact) => [artifact.path, artifact.facts]));
  const said = { structure: '1 tensor: none with a role', tensors_with_role: 0, tensors_unknown: 1 };
  expect(facts.get('model.safetensors')).toMatchObject(said);
  expect(facts.get('config.json')).not.toHaveProperty('structure');
});

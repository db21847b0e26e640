import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserFetch, hubFixture, quickClock, type HubFixture } from '../../../e2e/hub/fixture.ts';
import { pattern, sha256 } from '../bytes/source.suite.ts';
import type { HttpTransport } from '../bytes/transport.ts';
import { AppError } from '../errors.ts';
import type { NetworkEvent } from '../progress.ts';
import type { HubAccess } from './access.ts';
import { hubFileSpec, openHubFile, readRaw, readSnapshot, resolveUrl } from './client.ts';

const WEIGHTS = pattern(100_000);
const CONFIG = '{"model_type":"tiny"}';

let fixture: HubFixture;
beforeAll(async () => {
  fixture = await hubFixture({ pageSize: 3 });
  await fixture.put('org/m/main/model.safetensors', WEIGHTS);
  await fixture.put('org/m/main/config.json', CONFIG);
  for (const name of ['a b.txt', 'ü/%41#?.txt', 'sub/deep/x.txt', 'README.md'])
    await fixture.put(`org/m/main/${name}`, name);
  await fixture.put('org/m/refs__pr__1/config.json', '{}');
  await fixture.put('gpt2/main/config.json', CONFIG);
});
afterAll(() => fixture.close());
afterEach(() => fixture.hub.behave());

function access(more: Partial<HubAccess> = {}, transport: Partial<HttpTransport> = {}): HubAccess {
  const fetchFn: HttpTransport['fetchFn'] = (url, init) => fetch(url, init);
  return {
    endpoint: fixture.hub.url,
    transport: { fetchFn, clock: quickClock(), stallMs: 1000, ...transport },
    ...more,
  };
}

async function failure(work: Promise<unknown>): Promise<Record<string, unknown>> {
  return work.then(
    () => ({ code: 'no error' }),
    (error: unknown) => (error instanceof AppError ? { ...error.detail, code: error.code } : { code: String(error) }),
  );
}

const snapshot = (more: Partial<HubAccess> = {}): ReturnType<typeof readSnapshot> =>
  readSnapshot(access(more), { repo: 'org/m' });

describe('a snapshot of a repository', () => {
  it('pins the branch to a commit and lists every file over several pages with what the Hub states', async () => {
    const from = fixture.hub.log.length;
    const read = await snapshot();
    expect(read.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(read.files.map(({ path }) => path)).toEqual([
      'README.md',
      'a b.txt',
      'config.json',
      'model.safetensors',
      'sub/deep/x.txt',
      'ü/%41#?.txt',
    ]);
    const weights = read.files.find(({ path }) => path === 'model.safetensors')!;
    expect(weights).toMatchObject({ size: WEIGHTS.length, sha256: sha256(WEIGHTS) });
    const config = read.files.find(({ path }) => path === 'config.json')!;
    const blob = createHash('sha1').update(`blob ${CONFIG.length}\0${CONFIG}`).digest('hex');
    expect(config).toEqual({ path: 'config.json', size: CONFIG.length, blobId: blob });
    const asked = fixture.hub.log.slice(from).map(({ path }) => path);
    expect(asked).toHaveLength(4);
    expect(asked.slice(1).every((path) => path.endsWith(`/tree/${read.commit}`))).toBe(true);
  });

  it('is read for a commit, a pull request and a bare legacy name', async () => {
    const { commit } = await snapshot();
    expect(await readSnapshot(access(), { repo: 'org/m', revision: commit })).not.toHaveProperty('revision');
    const pr = await readSnapshot(access(), { repo: 'org/m', revision: 'refs/pr/1' });
    expect(pr).toMatchObject({ revision: 'refs/pr/1', files: [{ path: 'config.json' }] });
    expect((await readSnapshot(access(), { repo: 'gpt2' })).files).toHaveLength(1);
  });

  it('follows a rename within the Hub and says the name that was asked for', async () => {
    const to = `${fixture.hub.url}/api/models/org/m/revision/main`;
    fixture.hub.misbehave({ path: /old\/name/, wrong: { kind: 'redirect', to, status: 307 } });
    expect(await readSnapshot(access(), { repo: 'old/name' })).toMatchObject({ repo: 'org/m', asked: 'old/name' });
  });

  it('works through a browser that sees only what the Hub exposes', async () => {
    const read = await readSnapshot(access({}, { fetchFn: browserFetch('https://assay.example') }), { repo: 'org/m' });
    expect(read.files).toHaveLength(6);
  });

  it('opens its files by their pinned address, whatever characters are in their names', async () => {
    const read = await snapshot();
    for (const file of read.files) {
      const source = await openHubFile(access(), read, file);
      const bytes = await source.read(0, source.size);
      expect(
        Buffer.from(bytes).equals(
          Buffer.from(file.path === 'model.safetensors' ? WEIGHTS : file.path === 'config.json' ? CONFIG : file.path),
        ),
      ).toBe(true);
      expect(hubFileSpec(access(), read, file).url).toContain(`/resolve/${read.commit}/`);
    }
    expect(resolveUrl(access(), 'o/n', 'c', 'ü/%41#?.txt')).toBe(
      `${fixture.hub.url}/o/n/resolve/c/%C3%BC/%2541%23%3F.txt`,
    );
  });

  it('reads small files and pointers as git holds them', async () => {
    const read = await snapshot();
    const text = async (path: string): Promise<string> =>
      Buffer.from(
        await readRaw(
          access(),
          read,
          read.files.find((file) => file.path === path)!,
        ),
      ).toString();
    expect(await text('config.json')).toBe(CONFIG);
    expect(await text('model.safetensors')).toContain(`oid sha256:${sha256(WEIGHTS)}`);
    fixture.hub.misbehave({ path: /raw/, wrong: { kind: 'short', bytes: 5 } });
    expect(await failure(text('config.json'))).toMatchObject({ code: 'HUB_RESPONSE', reason: 'size' });
  });

  it('sends the token to the endpoint only, and never one that would break a header', async () => {
    const from = fixture.hub.log.length;
    const token = 'hf_secret';
    const read = await snapshot({ token });
    const source = await openHubFile(
      access({ token }),
      read,
      read.files.find(({ path }) => path === 'model.safetensors')!,
    );
    await source.read(0, source.size);
    for (const { host, headers } of fixture.hub.log.slice(from)) {
      expect(headers.authorization).toBe(host === 'api' ? 'Bearer hf_secret' : undefined);
    }
    expect(await failure(snapshot({ token: 'a\r\nX: y' }))).toMatchObject({ code: 'HUB_UNAUTHORISED' });
  });

  it('tells the network log about every request', async () => {
    const events: NetworkEvent[] = [];
    await readSnapshot(access({}, { network: (event) => events.push(event) }), { repo: 'org/m' });
    expect(events.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(events.every(({ bytes, url }) => bytes > 0 && url.startsWith(fixture.hub.url))).toBe(true);
  });
});

describe('a Hub that says no', () => {
  const status = (value: number, headers: Record<string, string> = {}): void =>
    fixture.hub.misbehave({ path: /^api\/api/, wrong: { kind: 'status', status: value, headers } });

  it('has a code for what is missing: repository, revision', async () => {
    expect(await failure(readSnapshot(access({ token: 'hf_x' }), { repo: 'org/none' }))).toMatchObject({
      code: 'HUB_NOT_FOUND',
      repo: 'org/none',
    });
    expect(await failure(readSnapshot(access(), { repo: 'org/none' }))).toMatchObject({
      code: 'HUB_UNAUTHORISED',
      repo: 'org/none',
    });
    expect(await failure(readSnapshot(access(), { repo: 'org/m', revision: 'nope' }))).toMatchObject({
      code: 'HUB_REVISION',
      revision: 'nope',
    });
  });

  it.each([
    [401, { 'X-Error-Code': 'GatedRepo' }, 'HUB_GATED'],
    [403, { 'X-Error-Code': 'GatedRepo' }, 'HUB_GATED'],
    [401, { 'X-Error-Code': 'RepoNotFound' }, 'HUB_UNAUTHORISED'],
    [404, { 'X-Error-Code': 'RepoNotFound' }, 'HUB_NOT_FOUND'],
    [404, { 'X-Error-Code': 'EntryNotFound' }, 'HUB_NOT_FOUND'],
    [401, {}, 'HUB_UNAUTHORISED'],
    [403, {}, 'HUB_FORBIDDEN'],
    [404, {}, 'HUB_NOT_FOUND'],
    [416, {}, 'HUB_RESPONSE'],
    [429, {}, 'HUB_RATE_LIMITED'],
    [500, {}, 'HUB_SERVER'],
    [503, {}, 'HUB_SERVER'],
    [204, {}, 'HUB_RESPONSE'],
  ] as const)('%s with %j is %s', async (value, headers, expected) => {
    status(value, headers);
    expect(await failure(snapshot())).toMatchObject({ code: expected, repo: 'org/m', status: value });
  });

  it('says how long to wait when it was asked too often, and is asked again when that is short', async () => {
    status(429, { RateLimit: '"api";r=0;t=291' });
    expect(await failure(snapshot())).toMatchObject({ code: 'HUB_RATE_LIMITED', seconds: 291 });
    fixture.hub.behave();
    fixture.hub.misbehave({
      path: /api/,
      wrong: { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
      count: 2,
    });
    expect((await snapshot()).files).toHaveLength(6);
  });

  it('that cannot be reached or is silent is a matter of the source', async () => {
    expect(await failure(snapshot({ endpoint: 'http://127.0.0.1:9' }))).toMatchObject({ code: 'SOURCE_OFFLINE' });
    fixture.hub.misbehave({ path: /tree/, wrong: { kind: 'stall', bytes: -1 } });
    expect(await failure(snapshot())).toMatchObject({ code: 'SOURCE_STALLED' });
    fixture.hub.behave();
    fixture.hub.misbehave({ path: /tree/, wrong: { kind: 'no-cors' } });
    const browser = access({}, { fetchFn: browserFetch('https://assay.example') });
    expect(await failure(readSnapshot(browser, { repo: 'org/m' }))).toMatchObject({ code: 'SOURCE_CORS' });
  });

  it('stops at a cancel', async () => {
    expect(await failure(readSnapshot(access(), { repo: 'org/m' }, AbortSignal.abort()))).toMatchObject({
      code: 'SOURCE_ABORTED',
    });
  });
});

describe('a Hub whose answer is no listing', () => {
  const oid = 'a'.repeat(40);
  const entry = { type: 'file', path: 'x', size: 1, oid };
  const answering = (body: unknown): void =>
    fixture.hub.misbehave({
      path: /tree/,
      wrong: { kind: 'json', body: typeof body === 'string' ? body : JSON.stringify(body) },
    });

  it.each([
    ['a web page', '<!doctype html><html>', 'json'],
    ['half a document', '[{"type":"fi', 'json'],
    ['an object', { files: [] }, 'shape'],
    ['a size that is no whole number', [{ ...entry, size: 1.5 }], 'shape'],
    ['a size below zero', [{ ...entry, size: -1 }], 'shape'],
    ['a size beyond 2^53', [{ ...entry, size: 2 ** 60 }], 'shape'],
    ['a size as text', [{ ...entry, size: '1' }], 'shape'],
    ['no blob id', [{ ...entry, oid: undefined }], 'shape'],
    ['a blob id that is none', [{ ...entry, oid: 'zz' }], 'shape'],
    ['a digest in capitals', [{ ...entry, lfs: { oid: 'A'.repeat(64), size: 1 } }], 'shape'],
    ['two sizes of one file', [{ ...entry, lfs: { oid: 'a'.repeat(64), size: 2 } }], 'size'],
    ['the same path twice', [entry, entry], 'duplicate'],
    ['a path that leads out', [{ ...entry, path: '../x' }], 'path'],
    ['a path that leads out further in', [{ ...entry, path: 'a/../../x' }], 'path'],
    ['an absolute path', [{ ...entry, path: '/etc/passwd' }], 'path'],
    ['a Windows path', [{ ...entry, path: 'C:\\x' }], 'path'],
    ['a path with a line break', [{ ...entry, path: 'a\nb' }], 'path'],
    ['an empty path', [{ ...entry, path: '' }], 'path'],
    ['a path of 5,000 characters', [{ ...entry, path: 'a'.repeat(5000) }], 'shape'],
  ])('%s is HUB_RESPONSE', async (_, body, reason) => {
    answering(body);
    expect(await failure(snapshot())).toMatchObject({ code: 'HUB_RESPONSE', reason });
  });

  it('members that nobody asked about change nothing', async () => {
    answering([
      { ...entry, xetHash: 5, security: [], __proto__: { size: 9 } },
      { type: 'directory', path: '..', size: 0 },
    ]);
    expect((await snapshot()).files).toEqual([{ path: 'x', size: 1, blobId: oid }]);
  });

  it('a body without end is given up at the cap', async () => {
    fixture.hub.misbehave({ path: /tree/, wrong: { kind: 'huge-json' } });
    expect(await failure(readSnapshot(access({}, { stallMs: 5000 }), { repo: 'org/m' }))).toMatchObject({
      code: 'HUB_RESPONSE',
      reason: 'too-large',
    });
  });

  it('a next page on another host, another path, or for ever is refused, and no token goes there', async () => {
    const { commit } = await snapshot();
    const from = fixture.hub.log.length;
    for (const to of [
      `${fixture.hub.cdnUrl}/api/models/org/m/tree/${commit}?cursor=3`,
      `${fixture.hub.url}/api/whoami`,
      'https://evil.example/',
      'http://[',
      '/elsewhere',
    ]) {
      fixture.hub.behave();
      fixture.hub.misbehave({ path: /tree/, wrong: { kind: 'next', to } });
      expect([to, await failure(snapshot({ token: 'hf_x' }))]).toMatchObject([
        to,
        { code: 'HUB_RESPONSE', reason: 'next' },
      ]);
    }
    expect(fixture.hub.log.slice(from).every(({ host, path }) => host === 'api' && !path.includes('whoami'))).toBe(
      true,
    );
    fixture.hub.behave();
    fixture.hub.misbehave({ path: /tree/, wrong: { kind: 'next', to: '?cursor=0' } });
    expect(await failure(snapshot())).toMatchObject({ code: 'HUB_RESPONSE' });
  });

  it('an answer from another host is refused', async () => {
    const to = `${fixture.hub.cdnUrl}/x`;
    fixture.hub.misbehave({ path: /revision/, wrong: { kind: 'redirect', to } });
    fixture.hub.misbehave({ path: /^cdn/, wrong: { kind: 'status', status: 200, body: '{}' } });
    expect(await failure(snapshot())).toMatchObject({ code: 'HUB_RESPONSE', reason: 'origin' });
  });

  it('another commit than the one asked for, or none, is refused', async () => {
    const { commit } = await snapshot();
    const lie = (body: unknown): void =>
      fixture.hub.misbehave({ path: /revision/, wrong: { kind: 'json', body: JSON.stringify(body) } });
    lie({ id: 'org/m', sha: 'b'.repeat(40) });
    expect(await failure(readSnapshot(access(), { repo: 'org/m', revision: commit }))).toMatchObject({
      code: 'HUB_RESPONSE',
      reason: 'commit',
    });
    fixture.hub.behave();
    lie({ id: 'org/m', sha: 'main' });
    expect(await failure(snapshot())).toMatchObject({ code: 'HUB_RESPONSE', reason: 'shape' });
    fixture.hub.behave();
    lie({ id: '../evil', sha: commit });
    expect(await failure(snapshot())).toMatchObject({ code: 'HUB_RESPONSE', reason: 'name' });
  });
});

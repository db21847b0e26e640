import { createHash } from 'node:crypto';
import { truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserFetch, hubFixture, quickClock, type HubFixture } from '../../../e2e/hub/fixture.ts';
import type { Misbehaviour, Wrong } from '../../../e2e/hub-server.ts';
import { AppError } from '../errors.ts';
import type { NetworkEvent } from '../progress.ts';
import { openHttp } from './http.ts';
import { code, collect, pattern, sha256, sourceSuite } from './source.suite.ts';
import type { ByteSource } from './source.ts';
import type { HttpTransport } from './transport.ts';

const SIZE = 300_000;
const BYTES = pattern(SIZE);
const TRUTH = sha256(BYTES);
/** What `change-content` makes of the whole file. */
const OTHER = sha256(BYTES.map((byte) => 255 - byte));
const CDN = /^cdn.*model/;

let fixture: HubFixture;
beforeAll(async () => {
  fixture = await hubFixture();
  await fixture.put('org/m/main/model.safetensors', BYTES);
  await fixture.put('org/m/main/tiny.bin', BYTES.subarray(0, 1000));
  await fixture.put('org/m/main/empty.bin', '');
  await fixture.put('org/m/main/config.json', '{"a":1}');
});
afterAll(() => fixture.close());
afterEach(() => fixture.hub.behave());

const address = (file = 'model.safetensors'): string => `${fixture.hub.url}/org/m/resolve/main/${file}`;
const wrong = (what: Wrong, more: Partial<Misbehaviour> = {}): void =>
  fixture.hub.misbehave({ path: CDN, wrong: what, ...more });

function transport(more: Partial<HttpTransport> = {}): HttpTransport {
  return { fetchFn: (url, init) => fetch(url, init), clock: quickClock(), stallMs: 150, ...more };
}

function open(more: Partial<HttpTransport> = {}, size?: number): Promise<ByteSource> {
  return openHttp({ name: 'm', url: address(), ...(size === undefined ? {} : { size }) }, transport(more));
}

async function digest(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.stream(0, source.size)) hash.update(chunk);
  await source.settle();
  return hash.digest('hex');
}

async function failure(work: Promise<unknown>): Promise<{ code: string } & Record<string, unknown>> {
  return work.then(
    (value) => ({ code: `no error, ${JSON.stringify(value)}` }),
    (error: unknown) => (error instanceof AppError ? { ...error.detail, code: error.code } : { code: String(error) }),
  );
}

let number = 0;
sourceSuite({
  title: 'HttpSource',
  async open(bytes) {
    const name = `suite${(number += 1)}.bin`;
    const path = join(fixture.folder, 'org/m/main', name);
    await fixture.put(`org/m/main/${name}`, bytes);
    const source = await openHttp({ name, url: address(name) }, transport({ stallMs: 5000 }));
    return {
      source,
      async change(how) {
        if (how === 'grow') return writeFile(path, Buffer.concat([bytes, Buffer.from('x')]));
        if (how === 'shrink') return truncate(path, bytes.length - 1);
        await writeFile(path, Buffer.from(bytes).fill(1, 3_000_000));
        return utimes(path, 1, 1);
      },
    };
  },
  big: 4_000_001,
  notices: ['grow', 'shrink', 'rewrite'],
});

describe('HttpSource against a well-behaved server', () => {
  it('gives the right digest with one header request, one pass and one look back, by GET and simple ranges only', async () => {
    const from = fixture.hub.log.length;
    expect(await digest(await open({}, SIZE))).toBe(TRUTH);
    const log = fixture.hub.log.slice(from);
    expect(log.map(({ method, host, headers }) => `${method} ${host} ${headers.range}`)).toEqual([
      'GET api bytes=0-65535',
      'GET cdn bytes=0-65535',
      'GET cdn bytes=0-',
      'GET cdn bytes=0-65535',
    ]);
    expect(log.every(({ headers }) => headers['accept-encoding'] === 'identity')).toBe(true);
  });

  it('serves reads within the first 64 KiB without another request', async () => {
    const source = await open();
    const from = fixture.hub.log.length;
    expect([...(await source.read(100, 110))]).toEqual([...BYTES.subarray(100, 110)]);
    expect(fixture.hub.log).toHaveLength(from);
    expect([...(await source.read(70_000, 70_010))]).toEqual([...BYTES.subarray(70_000, 70_010)]);
    expect(fixture.hub.log.slice(from).map(({ headers }) => headers.range)).toEqual(['bytes=70000-70009']);
  });

  it('opens files smaller than the first request, empty ones, and ones outside LFS', async () => {
    for (const file of ['tiny.bin', 'empty.bin', 'config.json']) {
      const source = await openHttp({ name: file, url: address(file) }, transport());
      const bytes = await collect(source.stream(0, source.size));
      expect(sha256(bytes)).toBe(
        sha256({ 'tiny.bin': BYTES.subarray(0, 1000), 'empty.bin': Buffer.from('') }[file] ?? Buffer.from('{"a":1}')),
      );
      await source.settle();
    }
  });

  it('sends authorization to the host of the address only', async () => {
    const from = fixture.hub.log.length;
    const source = await openHttp({ name: 'm', url: address(), authorization: 'Bearer hf_x' }, transport());
    expect(await digest(source)).toBe(TRUTH);
    for (const { host, headers } of fixture.hub.log.slice(from)) {
      expect(headers.authorization).toBe(host === 'api' ? 'Bearer hf_x' : undefined);
    }
  });

  it('tells the network log about every request, without signatures, with the host that answered', async () => {
    const events: NetworkEvent[] = [];
    expect(await digest(await open({ network: (event) => events.push(event) }))).toBe(TRUTH);
    expect(events.map(({ status, bytes }) => [status, bytes])).toEqual([
      [206, 65_536],
      [206, SIZE],
      [206, 65_536],
    ]);
    expect(events[0]!.url).toBe(address());
    expect(events[0]!.answeredBy).toMatch(`${fixture.hub.cdnUrl}/repos/org/m/`);
    expect(JSON.stringify(events)).not.toContain('Signature');
  });

  it('asks the original address again when the signed one has expired', async () => {
    const source = await open();
    wrong({ kind: 'status', status: 403 }, { count: 1 });
    expect(await digest(source)).toBe(TRUTH);
  });

  it('finds size and bytes in a browser that is shown no Content-Range and no ETag', async () => {
    wrong({ kind: 'hide-headers' });
    const source = await open({ fetchFn: browserFetch('https://assay.example') });
    expect(source.size).toBe(SIZE);
    expect(source.random).toBe(true);
    expect(await digest(source)).toBe(TRUTH);
  });
});

describe('HttpSource against a server that misbehaves', () => {
  it('makes one sequential pass when ranges are ignored, and serves headers near the beginning', async () => {
    wrong({ kind: 'ignore-range' });
    const source = await open();
    expect(source.random).toBe(false);
    expect(source.size).toBe(SIZE);
    expect([...(await source.read(100_000, 100_010))]).toEqual([...BYTES.subarray(100_000, 100_010)]);
    expect(await code(collect(source.stream(200_000, SIZE)))).toBe('SOURCE_RANGE_IGNORED');
    expect(await digest(source)).toBe(TRUTH);
  });

  it('refuses a read far into a file of which only one pass is possible', async () => {
    await fixture.put('org/m/main/far.bin', Buffer.alloc(40 * 2 ** 20));
    fixture.hub.misbehave({ path: /far/, wrong: { kind: 'ignore-range' } });
    const source = await openHttp({ name: 'far', url: address('far.bin') }, transport({ stallMs: 5000 }));
    expect(await code(source.read(39 * 2 ** 20, 40 * 2 ** 20))).toBe('SOURCE_RANGE_IGNORED');
  });

  it('refuses when a server that had ranges ignores them in the middle', async () => {
    const source = await open();
    wrong({ kind: 'ignore-range' });
    expect(await code(source.read(100_000, 200_000))).toBe('SOURCE_RANGE_IGNORED');
    expect(await digest(source)).toBe(TRUTH);
  });

  it('refuses an answer about other bytes', async () => {
    wrong({ kind: 'lie-content-range' });
    expect(await code(open())).toBe('SOURCE_RANGE_LIED');
    for (const header of [
      'bytes 0-65535',
      'bytes 0-65536/300000',
      'bytes 0-10/300000',
      'elephants 0-1/2',
      'bytes 9-3/4',
    ]) {
      fixture.hub.behave();
      wrong({ kind: 'lie-content-range', header });
      expect([header, await code(open())]).toEqual([header, 'SOURCE_RANGE_LIED']);
    }
    fixture.hub.behave();
    const source = await open();
    wrong({ kind: 'lie-content-range' });
    expect(await code(digest(source))).toBe('SOURCE_RANGE_LIED');
  });

  it('says SOURCE_CHANGED when the stated total changes', async () => {
    const source = await open();
    wrong({ kind: 'lie-content-range', header: 'bytes 100000-199999/300001' });
    expect(await code(source.read(100_000, 200_000))).toBe('SOURCE_CHANGED');
  });

  it('resumes after a broken connection and gives the right digest', async () => {
    for (const kind of ['truncate', 'short', 'stall'] as const) {
      fixture.hub.behave();
      const source = await open();
      wrong({ kind, bytes: 100_000 }, { count: 2 });
      const from = fixture.hub.log.length;
      expect([kind, await digest(source)]).toEqual([kind, TRUTH]);
      const starts = fixture.hub.log.slice(from, from + 3).map(({ headers }) => headers.range);
      expect(starts[0]).toBe('bytes=0-');
      expect(starts[2]).toBe('bytes=200000-');
    }
  });

  it('gives up after a few breaks with the code of the last one', async () => {
    const expected = { truncate: 'SOURCE_OFFLINE', short: 'SOURCE_LENGTH', stall: 'SOURCE_STALLED' } as const;
    for (const kind of ['truncate', 'short', 'stall'] as const) {
      fixture.hub.behave();
      const clock = quickClock();
      const source = await open({ clock });
      wrong({ kind, bytes: 1000 });
      expect([kind, await code(digest(source))]).toEqual([kind, expected[kind]]);
      expect(clock.pauses).toEqual([750, 1500]);
    }
  });

  it('does not put two answers together when nothing proves that they are of one version', async () => {
    wrong({ kind: 'change-etag', etag: null });
    const source = await open();
    wrong({ kind: 'truncate', bytes: 100_000 }, { count: 1 });
    expect(await code(digest(source))).toBe('SOURCE_OFFLINE');
    fixture.hub.behave();
    wrong({ kind: 'change-etag', etag: 'W/"weak"' });
    const weak = await open();
    wrong({ kind: 'truncate', bytes: 100_000 }, { count: 1 });
    expect(await code(digest(weak))).toBe('SOURCE_OFFLINE');
  });

  it('says SOURCE_CHANGED when the file becomes another version between, during or after the requests', async () => {
    for (const after of [1, 2]) {
      fixture.hub.behave();
      wrong({ kind: 'change-etag', etag: '"other"' }, { after });
      expect([after, await code(open().then(digest))]).toEqual([after, 'SOURCE_CHANGED']);
    }
    fixture.hub.behave();
    const source = await open();
    wrong({ kind: 'truncate', bytes: 100_000 }, { count: 1 });
    wrong({ kind: 'change-content', etag: '"other"' }, { after: 1 });
    expect(await code(digest(source))).toBe('SOURCE_CHANGED');
  });

  it('notices other content under the same ETag when it looks back', async () => {
    const source = await open();
    wrong({ kind: 'change-content' });
    expect(await code(digest(source))).toBe('SOURCE_CHANGED');
  });

  it('refuses a body that is longer than its range', async () => {
    const source = await open();
    wrong({ kind: 'longer', bytes: 10 });
    expect(await code(digest(source))).toBe('SOURCE_RANGE_LIED');
    expect(await code(open())).toBe('SOURCE_RANGE_LIED');
    fixture.hub.behave();
    wrong({ kind: 'ignore-range' });
    wrong({ kind: 'longer', bytes: 10 });
    expect(await code(open({}, SIZE).then(digest))).toBe('SOURCE_LENGTH');
  });

  it('holds the size of a listing against what the server says', async () => {
    expect(await failure(open({}, SIZE + 1))).toMatchObject({
      code: 'SOURCE_LENGTH',
      reason: 'listing',
      wanted: SIZE + 1,
      got: SIZE,
    });
    wrong({ kind: 'ignore-range' });
    for (const listed of [SIZE + 1, SIZE - 1]) expect(await code(open({}, listed).then(digest))).toBe('SOURCE_LENGTH');
  });

  it('does not take the end of a body for the end of the file', async () => {
    const names = ['Content-Range', 'Content-Length'];
    for (const bytes of [0, 1000]) {
      fixture.hub.behave();
      wrong({ kind: 'omit-headers', names }, { count: 1 });
      wrong({ kind: 'short', bytes }, { count: 1 });
      expect([bytes, await code(open().then(digest))]).toEqual([bytes, 'SOURCE_LENGTH']);
      fixture.hub.behave();
      wrong({ kind: 'ignore-range' });
      wrong({ kind: 'short', bytes });
      expect(await failure(open())).toMatchObject({ code: 'SOURCE_HTTP', reason: 'no-size' });
      expect([bytes, await code(open({}, SIZE).then(digest))]).toEqual([bytes, 'SOURCE_LENGTH']);
    }
  });

  it('names the status of a refusal', async () => {
    for (const [status, expected] of [
      [401, 'SOURCE_HTTP'],
      [403, 'SOURCE_HTTP'],
      [404, 'SOURCE_NOT_FOUND'],
      [410, 'SOURCE_NOT_FOUND'],
      [416, 'SOURCE_HTTP'],
      [500, 'SOURCE_HTTP'],
      [204, 'SOURCE_HTTP'],
    ] as const) {
      fixture.hub.behave();
      fixture.hub.misbehave({ path: /model/, wrong: { kind: 'status', status } });
      expect(await failure(open())).toMatchObject({ code: expected, status });
    }
  });

  it('says that a repository is gated when the Hub says so', async () => {
    const headers = { 'X-Error-Code': 'GatedRepo' };
    fixture.hub.misbehave({ path: /^api.*model/, wrong: { kind: 'status', status: 401, headers } });
    expect(await code(open())).toBe('HUB_GATED');
  });

  it('waits as long as it is told when there are too many requests, and not for ever', async () => {
    const clock = quickClock();
    wrong({ kind: 'status', status: 429, headers: { 'Retry-After': '7' } }, { count: 1 });
    wrong({ kind: 'status', status: 429, headers: { RateLimit: '"resolvers";r=0;t=55' } }, { after: 1, count: 1 });
    expect(await digest(await open({ clock }))).toBe(TRUTH);
    expect(clock.pauses).toEqual([8000, 56_000]);
    fixture.hub.behave();
    wrong({ kind: 'status', status: 429, headers: { 'Retry-After': '240' } });
    expect(await failure(open({ clock }))).toMatchObject({ code: 'SOURCE_HTTP', status: 429, retryAfterSeconds: 240 });
    expect(clock.pauses).toHaveLength(2);
  });

  it('tries again after a server error, a random 416 and a dropped connection in the middle', async () => {
    const source = await open();
    wrong({ kind: 'status', status: 503 }, { count: 1 });
    wrong({ kind: 'status', status: 416 }, { after: 1, count: 1 });
    wrong({ kind: 'drop' }, { after: 2, count: 1 });
    expect(await digest(source)).toBe(TRUTH);
  });

  it('is patient with a slow server and not with a silent one', async () => {
    wrong({ kind: 'slow', bytes: 50_000, ms: 30 });
    expect(await digest(await open())).toBe(TRUTH);
    fixture.hub.behave();
    wrong({ kind: 'stall', bytes: -1 });
    expect(await failure(open())).toMatchObject({ code: 'SOURCE_STALLED', ms: 150 });
    fixture.hub.behave();
    wrong({ kind: 'stall', bytes: 10 });
    expect(await code(open())).toBe('SOURCE_STALLED');
  });

  it('stops within milliseconds of a cancel while the server is silent', async () => {
    const source = await open({ stallMs: 20_000 });
    wrong({ kind: 'stall', bytes: 100_000 });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 60);
    const from = Date.now();
    expect(await code(collect(source.stream(0, SIZE, abort.signal)))).toBe('SOURCE_ABORTED');
    expect(Date.now() - from).toBeLessThan(500);
  });

  it('refuses compressed bytes when it can see that they are', async () => {
    wrong({ kind: 'gzip' });
    expect(await failure(open())).toMatchObject({ code: 'SOURCE_HTTP', reason: 'encoded' });
  });

  it('gives the right digest or none when compression is hidden from it', async () => {
    const source = await open({ fetchFn: browserFetch('https://assay.example') });
    wrong({ kind: 'gzip' });
    expect([TRUTH, 'SOURCE_LENGTH']).toContain(await digest(source).catch((error: AppError) => error.code));
    wrong({ kind: 'ignore-range' });
    const whole = open({ fetchFn: browserFetch('https://assay.example') }).then(digest);
    expect([TRUTH, 'SOURCE_LENGTH', 'SOURCE_HTTP']).toContain(await whole.catch((error: AppError) => error.code));
  });

  it('tells a missing permission from a missing server and a missing network, in a browser', async () => {
    const fetchFn = browserFetch('https://assay.example');
    wrong({ kind: 'no-cors' });
    expect(await code(open({ fetchFn }))).toBe('SOURCE_CORS');
    expect(await failure(open({ fetchFn, online: () => false }))).toMatchObject({
      code: 'SOURCE_OFFLINE',
      reason: 'offline',
    });
    const nowhere = openHttp({ name: 'm', url: 'http://127.0.0.1:9/x' }, transport({ fetchFn }));
    expect(await failure(nowhere)).toMatchObject({ code: 'SOURCE_OFFLINE', reason: 'unreachable' });
  });

  it('does not call a connection that broke once a missing permission, and tries again', async () => {
    const real = browserFetch('https://assay.example');
    let failures = 0;
    const fetchFn: typeof real = (url, init) => {
      if (failures > 0) return real(url, init);
      failures += 1;
      return Promise.reject(new TypeError('Failed to fetch'));
    };
    expect(await digest(await open({ fetchFn }))).toBe(TRUTH);
    const always: typeof real = (url, init) =>
      'range' in (init.headers ?? {}) ? Promise.reject(new TypeError('Failed to fetch')) : real(url, init);
    expect(await failure(open({ fetchFn: always }))).toMatchObject({ code: 'SOURCE_OFFLINE', reason: 'broken' });
  });

  it('says in Node why a server could not be reached', async () => {
    const nowhere = openHttp({ name: 'm', url: 'http://127.0.0.1:9/x' }, transport());
    expect(await failure(nowhere)).toMatchObject({ code: 'SOURCE_OFFLINE', host: '127.0.0.1:9' });
    fixture.hub.misbehave({ path: CDN, wrong: { kind: 'redirect-loop' } });
    expect(await failure(open())).toMatchObject({ code: 'SOURCE_HTTP', reason: 'redirects' });
    fixture.hub.behave();
    wrong({ kind: 'drop' });
    expect(await code(open())).toBe('SOURCE_OFFLINE');
  });

  it('asks no address that is not allowed, and takes no answer from one', async () => {
    const none = transport({ fetchFn: () => expect.unreachable(), allows: (url) => url.host === 'huggingface.co' });
    const refused = [
      'http://evil.example/',
      'file:///etc/passwd',
      'data:,x',
      'https://user:pw@huggingface.co/x',
      'nonsense',
      'javascript:1',
    ];
    for (const url of refused) {
      expect([url, await code(openHttp({ name: 'm', url }, none))]).toEqual([url, 'SOURCE_FORBIDDEN_ORIGIN']);
    }
    const api = new URL(fixture.hub.url).host;
    expect(await code(open({ allows: (url) => url.host === api }))).toBe('SOURCE_FORBIDDEN_ORIGIN');
  });

  it('takes no answer that left encryption on the way', async () => {
    const fetchFn = async (): Promise<Response> =>
      Object.defineProperty(new Response('x'), 'url', { value: 'http://huggingface.co/x' });
    const downgraded = openHttp({ name: 'm', url: 'https://huggingface.co/x' }, transport({ fetchFn }));
    expect(await failure(downgraded)).toMatchObject({ code: 'SOURCE_FORBIDDEN_ORIGIN', reason: 'downgrade' });
  });

  it('gives the right digest or a coded error under any mixture of misbehaviours', async () => {
    const bytes = fc.constantFrom(0, 1, 1000, 65_536, 100_000, SIZE - 1);
    const one: fc.Arbitrary<Wrong> = fc.oneof(
      fc.record({ kind: fc.constantFrom('truncate', 'short', 'longer'), bytes }),
      fc.constantFrom<Wrong[]>(
        { kind: 'ignore-range' },
        { kind: 'lie-content-range' },
        { kind: 'change-etag', etag: '"x"' },
        { kind: 'change-etag', etag: null },
        { kind: 'change-content', etag: '"y"' },
        { kind: 'status', status: 416 },
        { kind: 'status', status: 503 },
        { kind: 'status', status: 404 },
        { kind: 'omit-headers', names: ['Content-Range', 'Content-Length', 'ETag'] },
        { kind: 'omit-headers', names: ['Content-Range', 'Content-Length', 'ETag', 'Last-Modified'] },
        { kind: 'hide-headers' },
        { kind: 'gzip' },
        { kind: 'drop' },
      ),
    );
    const rule = fc.record({ wrong: one, after: fc.nat(3), count: fc.integer({ min: 1, max: 3 }) });
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(rule, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        async (rules, browser, listed) => {
          fixture.hub.behave();
          for (const { wrong: what, after, count } of rules) wrong(what, { after, count });
          const fetching = browser ? { fetchFn: browserFetch('https://assay.example') } : {};
          const outcome = await open(fetching, listed ? SIZE : undefined)
            .then(digest)
            .catch((error: unknown) => (error instanceof AppError ? error.code : `not coded: ${String(error)}`));
          seen.add(outcome);
          // The other version, whole, is a right digest too; a mixture of both would not be.
          expect(outcome === TRUTH || outcome === OTHER || outcome.startsWith('SOURCE_'), outcome).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
    // The property would also hold if nothing ever worked, or nothing ever failed.
    expect(seen.has(TRUTH) && seen.size > 3).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import type { NetworkEvent } from '../progress.ts';
import { httpDatabase } from './http-files.ts';

const BASE = 'https://example.org/assay/db/';
const answer =
  (body: string, status = 200) =>
  async (): Promise<Response> =>
    new Response(body, { status });
const failure = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe('a database on a static host', () => {
  it('is asked by path below its folder, without credentials, and the request is logged', async () => {
    const log: NetworkEvent[] = [];
    const asked: [string, RequestInit][] = [];
    const files = httpDatabase(
      BASE,
      async (url, init) => {
        asked.push([url, init]);
        return new Response('abc');
      },
      (event) => log.push(event),
    );
    expect(new TextDecoder().decode((await files.get('files/0a.json', 100))!)).toBe('abc');
    expect(asked[0]![0]).toBe(`${BASE}files/0a.json`);
    expect(asked[0]![1]).toMatchObject({ credentials: 'omit', redirect: 'error' });
    expect(log).toMatchObject([{ method: 'GET', url: `${BASE}files/0a.json`, status: 200, bytes: 3 }]);
  });
  it('that has no such file says null, which is not the same as failing', async () => {
    expect(await httpDatabase(BASE, answer('', 404)).get('x.json', 100)).toBe(null);
    expect(await failure(httpDatabase(BASE, answer('', 500)).get('x.json', 100))).toBe('SOURCE_HTTP');
    const offline = async (): Promise<Response> => {
      throw new TypeError('Failed to fetch');
    };
    expect(await failure(httpDatabase(BASE, offline).get('x.json', 100))).toBe('SOURCE_OFFLINE');
  });
  it('cannot send more than is asked for', async () => {
    expect(await failure(httpDatabase(BASE, answer('x'.repeat(101))).get('x.json', 100))).toBe('SOURCE_TOO_LARGE');
    const endless = async (): Promise<Response> =>
      new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1000)) }, { highWaterMark: 0 }));
    expect(await failure(httpDatabase(BASE, endless).get('x.json', 100_000))).toBe('SOURCE_TOO_LARGE');
  });
  it('stops when the job does', async () => {
    const stop = new AbortController();
    stop.abort();
    const aborted = async (): Promise<Response> => {
      throw new DOMException('', 'AbortError');
    };
    expect(await failure(httpDatabase(BASE, aborted).get('x.json', 100, stop.signal))).toBe('SOURCE_ABORTED');
  });
});

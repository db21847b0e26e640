import { expect, test } from 'vitest';
import type { FetchFn } from '../bytes/transport.ts';
import { openHttp } from '../bytes/http.ts';
import { AppError } from '../errors.ts';
import { readKitFolder } from './catalogue.ts';
import { deepFromZip } from './deep-files.ts';
import { databaseOf, deepZip, kitFiles, noise, PARQUET } from './kit.suite.ts';

const OTHERS = Array.from({ length: 8 }, (_, i) => ({ name: `by-family/other/m${i}.parquet`, data: noise(1_000_000) }));
const ZIP = deepZip(OTHERS);
const URL_OF_ZIP = 'https://example.org/deep-signals.zip';

interface Answer {
  readonly status?: number;
  readonly range?: string;
  readonly etag?: string;
  readonly body?: Uint8Array;
}

/** A server of one file. @param wrong what the n-th answer does otherwise; requests are counted from 0 */
function server(wrong: (n: number, start: number, end: number) => Answer = () => ({})) {
  const asked: [start: number, end: number][] = [];
  const fetchFn: FetchFn = async (_url, init) => {
    const range = new Headers(init?.headers).get('range');
    const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    const start = Number(match?.[1] ?? 0);
    const end = Math.min(Number(match?.[2] || ZIP.length - 1) + 1, ZIP.length);
    const answer = wrong(asked.push([start, end]) - 1, start, end);
    const { status = 206, range: stated = `bytes ${start}-${end - 1}/${ZIP.length}`, etag = '"one"' } = answer;
    const body = answer.body ?? (status === 200 ? ZIP : ZIP.subarray(start, end));
    const headers: Record<string, string> = { etag, 'content-length': String(body.length) };
    if (status === 206) headers['content-range'] = stated;
    return new Response(body.slice(), { status, headers });
  };
  const clock = { now: () => Date.now(), random: () => 0.5, sleep: async () => undefined };
  return { asked, transport: { fetchFn, clock, stallMs: 5000 } };
}

const candidate = async () => (await readKitFolder(databaseOf(kitFiles())))[0]!;

async function signalsFrom(behaviour?: Parameters<typeof server>[0]) {
  const { asked, transport } = server(behaviour);
  const source = await openHttp({ name: 'deep-signals.zip', url: URL_OF_ZIP }, transport);
  const deep = await deepFromZip(source);
  return { found: await deep(await candidate()), asked };
}

const code = async (behaviour: Parameters<typeof server>[0]): Promise<string> =>
  signalsFrom(behaviour).then(
    () => 'no error',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

test('one model out of a remote zip costs five small requests, not the zip', async () => {
  const { found, asked } = await signalsFrom();
  expect([found?.eas?.size, found?.nlf?.tensors, found?.wvc?.size]).toEqual([64, 5, 2]);
  expect(asked).toHaveLength(5);
  const bytes = asked.reduce((sum, [start, end]) => sum + end - start, 0);
  const own = kitFiles().get(PARQUET)!.length;
  // First bytes, the end with its directory, the directory, one local header, the file itself.
  expect(bytes).toBeLessThan(own + 64 * 1024 + 66 * 1024 + 4096);
  expect(bytes).toBeLessThan(ZIP.length / 40);
});

test('a model the zip does not hold costs nothing more', async () => {
  const { asked, transport } = server();
  const source = await openHttp({ name: 'deep-signals.zip', url: URL_OF_ZIP }, transport);
  const deep = await deepFromZip(source);
  const before = asked.length;
  const one = await candidate();
  expect(
    await deep({ ...one, deep: { ...one.deep!, path: 'features/deep-signals/by-family/none.parquet' } }),
  ).toBeNull();
  expect(asked).toHaveLength(before);
});

test('200 instead of 206 in the middle is refused, also from the beginning', async () => {
  expect(await code((n) => (n >= 1 ? { status: 200 } : {}))).toBe('SOURCE_RANGE_IGNORED');
  // A server that never had ranges: the end is to be had only by reading the whole from the beginning.
  const { asked, transport } = server(() => ({ status: 200 }));
  const source = await openHttp({ name: 'z', url: URL_OF_ZIP }, transport);
  expect(source.random).toBe(false);
  expect((await (await deepFromZip(source))(await candidate()))?.eas?.size).toBe(64);
  expect(asked.every(([start]) => start === 0)).toBe(true);
});

test('an answer about other bytes is refused', async () => {
  expect(await code((n) => (n >= 1 ? { range: `bytes 0-99/${ZIP.length}` } : {}))).toBe('SOURCE_RANGE_LIED');
});

test('a zip that changes under way is refused: another ETag, another size', async () => {
  expect(await code((n) => (n >= 3 ? { etag: '"two"' } : {}))).toBe('SOURCE_CHANGED');
  expect(await code((n, a, b) => (n >= 2 ? { range: `bytes ${a}-${b - 1}/${ZIP.length + 1}` } : {}))).toBe(
    'SOURCE_CHANGED',
  );
});

test('a Parquet file that is not the catalogue’s is refused by name', async () => {
  const { transport } = server();
  const deep = await deepFromZip(await openHttp({ name: 'z', url: URL_OF_ZIP }, transport));
  const one = await candidate();
  const other = { ...one, deep: { ...one.deep!, sha256: 'a'.repeat(64) } };
  await expect(deep(other)).rejects.toMatchObject({ code: 'DB_SHARD_DIGEST', detail: { file: PARQUET } });
});

test('bytes of the entry that were turned over on the way are refused', async () => {
  const damaged = (n: number, start: number, end: number): Answer =>
    n === 4 ? { body: ZIP.slice(start, end).map((byte, i) => (i === 5000 ? byte ^ 1 : byte)) } : {};
  expect(await code(damaged)).toMatch(/^FORMAT_(CHECKSUM|COMPRESSION|SIZE_MISMATCH)$/);
});

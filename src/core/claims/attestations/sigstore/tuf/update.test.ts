import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../../errors.ts';
import { TUF_ROOTS_MAX } from '../../../../limits.ts';
import { shippedTarget, shippedTufRoot } from '../shipped-root.ts';
import { BASE, newKey, newKeys, NOW, rootJson, signed, TufRepository } from './repository.suite.ts';
import { updateTarget, type FoundTarget, type SeenVersions, type TargetRequest } from './update.ts';

const TARGET = new TextEncoder().encode('{"the":"trust root"}');
let repo: TufRepository;
beforeEach(() => {
  repo = new TufRepository(TARGET);
});

const update = (more: Partial<TargetRequest> = {}, signal = new AbortController().signal): Promise<FoundTarget> =>
  updateTarget({ base: BASE, target: 'trusted_root.json', root: repo.first, now: NOW, ...more }, repo.http(), signal);

async function refusal(more: Partial<TargetRequest> = {}): Promise<Record<string, unknown>> {
  try {
    await update(more);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, ...error.detail };
  }
  throw new Error('it was taken');
}

/** Metadata with the right form, signed by whom the test says. */
const head = (type: string, version: number, expires = '2026-11-28T00:00:00Z') => ({
  _type: type,
  spec_version: '1.0',
  version,
  expires,
});

describe('a TUF repository', () => {
  it('gives the target when everything holds, and tells which versions were seen', async () => {
    const { bytes, seen } = await update();
    expect(bytes).toEqual(TARGET);
    expect(seen).toMatchObject({ root: 1, timestamp: 5, snapshot: 4, targets: 3 });
    expect(repo.asked.slice(0, 4)).toEqual(['2.root.json', 'timestamp.json', '4.snapshot.json', '3.targets.json']);
    expect(repo.log.map(({ status }) => status)).toEqual([404, 200, 200, 200, 200]);
  });

  it('is followed through changed keys, even over roots that have expired', async () => {
    const [before, after] = [repo.keys, newKeys()];
    const third = newKeys();
    const past = '2020-01-01T00:00:00Z';
    repo.files.set(
      '2.root.json',
      rootJson({ keys: after, version: 2, expires: past, by: [...before.root, ...after.root] }),
    );
    repo.files.set('3.root.json', rootJson({ keys: third, version: 3, by: [...after.root, ...third.root] }));
    repo.keys = third;
    repo.publish(TARGET, { timestamp: 9, snapshot: 8, targets: 7 });
    expect((await update()).seen).toMatchObject({ root: 3, timestamp: 9 });
  });

  it('may not change its keys without the holders of the old ones, nor of the new ones', async () => {
    const [before, after] = [repo.keys, newKeys()];
    for (const by of [after.root, before.root, [before.root[0]!, ...after.root]]) {
      repo.files.set('2.root.json', rootJson({ keys: after, version: 2, by }));
      expect(await refusal()).toEqual({ code: 'TRUST_THRESHOLD', role: 'root', version: 2, threshold: 2 });
    }
  });

  it('may not put a root of another version in the place of the next one', async () => {
    for (const version of [1, 3]) {
      repo.files.set('2.root.json', rootJson({ keys: repo.keys, version }));
      expect(await refusal()).toMatchObject({ code: 'TRUST_CHAIN' });
    }
  });

  it('is not followed for ever', async () => {
    const endless = (path: string): Response | undefined => {
      const version = /^(\d+)\.root\.json$/.exec(path)?.[1];
      return version === undefined
        ? undefined
        : new Response(rootJson({ keys: repo.keys, version: Number(version) }).toString());
    };
    repo.wrong = endless;
    expect(await refusal()).toMatchObject({ code: 'TRUST_CHAIN' });
    expect(repo.asked.length).toBe(TUF_ROOTS_MAX + 1);
  });

  it('is not believed when its last root has expired', async () => {
    repo.files.set('2.root.json', rootJson({ keys: repo.keys, version: 2, expires: NOW }));
    expect(await refusal()).toEqual({ code: 'TRUST_EXPIRED', role: 'root', expires: NOW });
  });

  it('may not count one key twice under two ids', async () => {
    const twin = { ...repo.keys.root[0]!, id: 'f'.repeat(64) };
    const keys = { ...repo.keys, root: [repo.keys.root[0]!, twin] };
    repo.files.set('2.root.json', rootJson({ keys, version: 2, by: [...repo.keys.root, twin] }));
    expect(await refusal()).toMatchObject({ code: 'TRUST_METADATA', role: 'root' });
  });

  it('is frozen when an old timestamp is shown', async () => {
    repo.publish(TARGET, { timestamp: 5, snapshot: 4, targets: 3 }, '2026-11-21T11:59:59Z');
    expect(await refusal()).toEqual({ code: 'TRUST_EXPIRED', role: 'timestamp', expires: '2026-11-21T11:59:59Z' });
  });

  it.each([
    ['timestamp', { timestamp: 6 }],
    ['snapshot', { snapshot: 5 }],
    ['targets', { targets: 4 }],
    ['root', { root: 2 }],
  ] as const)('may not go back to an older %s than was seen', async (role, newer) => {
    const { seen } = await update();
    const more: SeenVersions = { ...seen, ...newer };
    expect(await refusal({ seen: more })).toMatchObject({ code: 'TRUST_ROLLBACK', role });
    expect((await update({ seen })).bytes).toEqual(TARGET);
  });

  it('may begin its versions anew when the keys for timestamps were changed', async () => {
    const seen = { ...(await update()).seen, timestamp: 1_000_000, snapshot: 1_000_000 };
    expect(await refusal({ seen })).toMatchObject({ code: 'TRUST_ROLLBACK' });
    const online = [newKey()];
    const keys = { ...repo.keys, timestamp: online, snapshot: online };
    repo.files.set('2.root.json', rootJson({ keys, version: 2 }));
    repo.keys = keys;
    repo.publish(TARGET, { timestamp: 6, snapshot: 5, targets: 3 });
    expect((await update({ seen })).seen).toMatchObject({ root: 2, timestamp: 6 });
  });

  it('may not serve one role in the place of another', async () => {
    const timestamp = repo.files.get('timestamp.json')!;
    const snapshot = repo.files.get('4.snapshot.json')!;
    repo.files.set('timestamp.json', snapshot);
    expect(await refusal()).toMatchObject({ code: 'TRUST_METADATA', role: 'timestamp' });
    repo.files.set('timestamp.json', timestamp);
    repo.files.set('3.targets.json', snapshot);
    expect(await refusal()).toMatchObject({ code: 'TRUST_METADATA', role: 'targets' });
  });

  it('may not sign with the keys of another role', async () => {
    const meta = { 'snapshot.json': { version: 4 } };
    repo.files.set('timestamp.json', signed({ ...head('timestamp', 5), meta }, repo.keys.targets));
    expect(await refusal()).toMatchObject({ code: 'TRUST_THRESHOLD', role: 'timestamp', threshold: 1 });
  });

  it('may not change a file after it was signed', async () => {
    const bytes = Buffer.from(repo.files.get('timestamp.json')!);
    repo.files.set('timestamp.json', Buffer.from(bytes.toString().replace('"version": 5', '"version": 6')));
    expect(await refusal()).toMatchObject({ code: 'TRUST_THRESHOLD', role: 'timestamp' });
    repo.files.set('timestamp.json', bytes);
    repo.files.set(
      '4.snapshot.json',
      Buffer.concat([repo.files.get('4.snapshot.json')!.subarray(0, -1), Buffer.from(' ')]),
    );
    expect(await refusal()).toEqual({ code: 'TRUST_HASH', role: 'timestamp', name: 'snapshot.json', what: 'sha256' });
  });

  it('may not state one version and serve another', async () => {
    repo.files.set('3.targets.json', signed({ ...head('targets', 2), targets: {} }, repo.keys.targets));
    expect(await refusal()).toMatchObject({ code: 'TRUST_METADATA', role: 'targets' });
  });

  it('may not give another target, a longer or a shorter one', async () => {
    const path = [...repo.files.keys()].find((name) => name.startsWith('targets/'))!;
    const name = 'trusted_root.json';
    const other = TARGET.slice().fill(32, 1, 2);
    repo.files.set(path, other);
    expect(await refusal()).toEqual({ code: 'TRUST_HASH', role: 'targets', name, what: 'sha256' });
    repo.files.set(path, TARGET.slice(1));
    expect(await refusal()).toEqual({ code: 'TRUST_HASH', role: 'targets', name, what: 'length' });
    repo.files.set(path, new Uint8Array([...TARGET, 32]));
    expect(await refusal()).toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });

  it('must state a digest of the target', async () => {
    for (const targets of [{}, { 'trusted_root.json': { length: 3, hashes: { md5: 'aa' } } }]) {
      repo.files.set('3.targets.json', signed({ ...head('targets', 3), targets }, repo.keys.targets));
      expect(await refusal()).toMatchObject({ code: 'TRUST_METADATA', role: 'targets' });
    }
  });

  it('is not read further than a file of its kind can be long', async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    repo.wrong = (path) => (path === 'timestamp.json' ? new Response(body) : undefined);
    expect(await refusal()).toMatchObject({ code: 'SOURCE_TOO_LARGE', path: 'timestamp.json' });
    expect(sent).toBeLessThan(1_000_000);
  });

  it('may not lead to another host', async () => {
    const elsewhere = Object.defineProperty(new Response('{}'), 'url', {
      value: 'https://evil.example/timestamp.json',
    });
    repo.wrong = (path) => (path === 'timestamp.json' ? elsewhere : undefined);
    expect(await refusal()).toMatchObject({ code: 'SOURCE_FORBIDDEN_ORIGIN', host: 'evil.example' });
  });

  it('may break in the middle, and says so', async () => {
    const cut = () =>
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array([123])),
        pull: (controller) => controller.error(new TypeError('terminated')),
      });
    repo.wrong = (path) => (path === '4.snapshot.json' ? new Response(cut()) : undefined);
    expect(await refusal()).toMatchObject({ code: 'SOURCE_OFFLINE' });
    repo.wrong = (path) => (path === 'timestamp.json' ? new Response('', { status: 404 }) : undefined);
    expect(await refusal()).toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });

  it('may refuse the next root in the ways file stores do', async () => {
    repo.wrong = (path) => (path === '2.root.json' ? new Response('', { status: 403 }) : undefined);
    expect((await update()).bytes).toEqual(TARGET);
    repo.wrong = (path) => (path === '2.root.json' ? new Response('', { status: 501 }) : undefined);
    expect(await refusal()).toMatchObject({ code: 'SOURCE_HTTP', status: 501 });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    repo.wrong = () => {
      stop.abort();
      return undefined;
    };
    await expect(update({}, stop.signal)).rejects.toMatchObject({ code: 'SOURCE_ABORTED' });
  });

  it('gives the target or a coded refusal whatever is changed in one of its files', async () => {
    const paths = [...repo.files.keys()];
    const originals = new Map(repo.files);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.array(fc.tuple(fc.nat(4000), fc.constantFrom(...'{}[]",:0a \\'.split(''), '__proto__', '"constructor"')), {
          minLength: 1,
          maxLength: 3,
        }),
        async (path, changes) => {
          let text = Buffer.from(originals.get(path)!).toString();
          for (const [at, put] of changes) {
            const place = at % text.length;
            text = text.slice(0, place) + put + text.slice(place + 1);
          }
          repo.files.set(path, Buffer.from(text));
          try {
            expect((await update()).bytes).toEqual(TARGET);
          } catch (error) {
            expect(error).toBeInstanceOf(AppError);
          } finally {
            repo.files.set(path, originals.get(path)!);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('Sigstore’s own repository, as it was on 21 August 2026', () => {
  const fixture = join(import.meta.dirname, '../../../../../../fixtures/tuf/sigstore-2026-08-21.json.gz');
  const files = JSON.parse(gunzipSync(readFileSync(fixture)).toString()) as Readonly<Record<string, string>>;

  async function serve(): Promise<void> {
    repo.files.clear();
    for (const [name, text] of Object.entries(files)) repo.files.set(name, Buffer.from(text));
    const { bytes, origin } = await shippedTarget('trusted_root.json');
    repo.files.set(`targets/${origin.sha256}.trusted_root.json`, bytes);
    repo.files.set('16.root.json', await shippedTufRoot());
  }

  it('leads from its first root of 2021 to the shipped one, and to the shipped trust root', async () => {
    await serve();
    const root = Buffer.from(files['1.root.json']!);
    const { bytes, seen } = await update({ root, now: '2026-08-22T00:00:00Z' });
    expect(bytes).toEqual((await shippedTarget('trusted_root.json')).bytes);
    expect(seen).toMatchObject({ root: 16, timestamp: 762, snapshot: 165, targets: 14 });
  });

  it('is frozen today: its timestamp was good for a week', async () => {
    await serve();
    expect(await refusal({ root: await shippedTufRoot(), now: NOW })).toEqual({
      code: 'TRUST_EXPIRED',
      role: 'timestamp',
      expires: '2026-08-28T19:25:56Z',
    });
  });
});

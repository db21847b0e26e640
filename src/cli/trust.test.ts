import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newKey } from '../core/claims/attestations/oms/sign.suite.ts';
import { shippedTarget } from '../core/claims/attestations/sigstore/shipped-root.ts';
import { BASE, TufRepository } from '../core/claims/attestations/sigstore/tuf/repository.suite.ts';
import { parseOptions } from './args.ts';
import { readExpectations } from './expectations.ts';
import { trust } from './trust.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const NONE = { keys: [], roots: [], trustedRoots: [], policies: [], ignore: [], allowUnsigned: false };
let folder = '';
let repo: TufRepository;
/** Sigstore's trust root with a space more: as good, and another file. */
let newer: Uint8Array;
const said: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-trust-'));
  said.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
  vi.stubEnv('XDG_STATE_HOME', folder);
  newer = new Uint8Array([...(await shippedTarget('trusted_root.json')).bytes, 32]);
  repo = new TufRepository(newer);
  vi.stubGlobal('fetch', repo.http().fetchFn);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await rm(folder, { recursive: true });
});

const run = (...argv: string[]): Promise<number> =>
  trust(parseOptions(['trust', ...argv]), new AbortController().signal, { base: BASE, root: repo.first }, NOW);
const told = (): unknown => JSON.parse(said.at(-1)!);

test('without an update the shipped trust root is shown with its day and digest, and nothing is asked', async () => {
  await run('show');
  expect(said.join('\n')).toContain('Shipped with this version, dated 2026-11-05');
  expect(said.join('\n')).toContain('sha256:6494e21e');
  expect((await readExpectations(NONE)).kept).toBeUndefined();
  expect(repo.asked).toEqual([]);
});

test('an updated trust root is kept, shown, and used by every later check', async () => {
  await run('update');
  expect(said[0]).toContain('a newer one came');
  await run('show', '--json');
  expect(told()).toMatchObject({ sigstore: { from: 'updated', rootVersion: 1, date: NOW.toISOString() } });
  const { kept } = await readExpectations(NONE);
  expect(kept?.publicRoot).toMatchObject({ bytes: newer, origin: { from: 'updated', date: '2026-11-21' } });
  await run('update');
  expect(said.join('\n')).toContain('nothing newer');
});

test('an update that is refused keeps what was there', async () => {
  await run('update');
  const before = await readFile(join(folder, 'assay/trust/sigstore.json'), 'utf8');
  repo.publish(newer, { timestamp: 4, snapshot: 4, targets: 3 });
  await expect(run('update')).rejects.toMatchObject({ code: 'TRUST_ROLLBACK', detail: { version: 4, seen: 5 } });
  repo.publish(new TextEncoder().encode('{"mediaType":"x"}'), { timestamp: 6, snapshot: 5, targets: 4 });
  await expect(run('update')).rejects.toMatchObject({ code: 'ATTEST_TRUST_ROOT' });
  expect(await readFile(join(folder, 'assay/trust/sigstore.json'), 'utf8')).toBe(before);
  expect(await readdir(join(folder, 'assay/trust'))).toEqual(['sigstore.json']);
});

test('--offline asks nobody', async () => {
  await expect(run('update', '--offline')).rejects.toMatchObject({ code: 'SOURCE_OFFLINE' });
  expect(repo.asked).toEqual([]);
});

test('a key, a root and another instance are kept under names, and leave by name or digest', async () => {
  const key = join(folder, 'release.pem');
  const root = join(folder, 'trusted_root.json');
  await writeFile(key, newKey().pem);
  await writeFile(root, newer);
  await run('add', key, '--name', 'The publisher');
  await run('add', root);
  const { kept } = await readExpectations(NONE);
  expect(kept?.keys[0]?.origin).toMatchObject({ from: 'given', name: 'The publisher', date: '2026-11-21' });
  expect(kept?.trustedRoots[0]?.origin.name).toBe('trusted_root.json');
  await run('remove', 'The publisher', '--json');
  expect(told()).toMatchObject({ kept: [{ kind: 'trust-root' }] });
  await run('remove', kept!.trustedRoots[0]!.origin.sha256!.slice(0, 12), '--json');
  expect(told()).toMatchObject({ kept: [] });
  await expect(run('remove', 'The publisher')).rejects.toMatchObject({ code: 'USAGE' });
});

test.each([
  ['something else', 'hello'],
  ['a private key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ['a trust root without a beginning', '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}x'],
])('%s is not kept', async (_, text) => {
  const file = join(folder, 'file');
  await writeFile(file, text);
  await expect(run('add', file)).rejects.toMatchObject({ code: 'TRUST_KEPT' });
});

test('a damaged record is said to be one, and not taken for nothing', async () => {
  const key = join(folder, 'release.pem');
  await writeFile(key, newKey().pem);
  await run('add', key);
  const record = join(folder, 'assay/trust/kept.json');
  await writeFile(record, (await readFile(record, 'utf8')).replace(/"sha256": "./, '"sha256": "_'));
  await expect(readExpectations(NONE)).rejects.toMatchObject({ code: 'TRUST_KEPT' });
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { newKey, signed, statementOver } from '../core/claims/attestations/oms/sign.suite.ts';
import { parseOptions } from './args.ts';
import { openMemory } from './signer-memory.ts';
import { signersFile } from './signer-store.ts';
import { signers } from './signers.ts';
import { verify } from './verify.ts';
import { NO_EXPECTATIONS } from '../core/claims/attestations/kind.ts';

const root = mkdtempSync(join(tmpdir(), 'assay-signers-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Two models signed with two keys, in files of one name. */
function model(name: string): { readonly folder: string; readonly key: string } {
  const folder = join(root, name, 'model');
  mkdirSync(folder, { recursive: true });
  const key = newKey();
  const readme = Buffer.from('# a model');
  writeFileSync(join(folder, 'notes.txt'), readme);
  writeFileSync(join(folder, 'model.sig'), signed(statementOver({ 'notes.txt': readme }), key));
  writeFileSync(join(root, name, 'release.pem'), key.pem);
  return { folder, key: join(root, name, 'release.pem') };
}
const OLD = model('old');
const OTHER = model('other');

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(root, 'home-'));
  vi.stubEnv('XDG_STATE_HOME', home);
  return () => vi.unstubAllEnvs();
});

/** What a command prints, what it warns of, and its exit status. */
async function run(...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(text));
  const error = vi.spyOn(console, 'error').mockImplementation((text: string) => void err.push(text));
  try {
    const options = parseOptions(argv);
    const status =
      options.command === 'signers' ? await signers(options) : await verify(options, new AbortController().signal);
    return { out: out.join('\n'), err: err.join('\n'), status };
  } finally {
    log.mockRestore();
    error.mockRestore();
  }
}
const check = (one: typeof OLD, ...more: readonly string[]) =>
  run('verify', one.folder, '--key', one.key, '--db', 'none', '--offline', ...more);
const file = (): string => signersFile(process.env);
/** The id that `list` shows of the only signer, or of the one at a place. */
const ids = async (): Promise<readonly string[]> => {
  const { out } = await run('signers', 'list', '--json');
  return (JSON.parse(out) as { signers: { id: string }[] }).signers.map(({ id }) => id);
};

describe('assay verify remembers who signs for a publisher', () => {
  it('the first time, the same again, and somebody else as a caution that stays', async () => {
    expect((await check(OLD, '--publisher', 'Org')).out).toContain(
      'This is the first time that a signature by release.pem',
    );
    const again = await check(OLD, '--publisher', 'org');
    expect(again.out).toMatch(/✓ Signed by release\.pem \(key [0-9a-f]{16}…\), as on .* \(seen once for org\)/);
    expect(again.status).toBe(0);
    for (const _ of [1, 2]) {
      const other = await check(OTHER, '--publisher', 'Org');
      expect(other.out).toContain('? Another signer than before for Org');
      expect(other.status).toBe(2);
    }
  });
  it('another one than the accepted one contradicts, and exits with 1', async () => {
    await check(OLD, '--publisher', 'Org');
    const [id] = await ids();
    expect((await run('signers', 'accept', 'Org', id!)).out).toContain('expected release.pem');
    const other = await check(OTHER, '--publisher', 'Org');
    expect(other.out.split('\n')[0]).toContain('✕ Another signer than the one you accepted');
    expect(other.status).toBe(1);
    const [second] = (await ids()).filter((one) => one !== id);
    await run('signers', 'accept', 'Org', second!);
    expect((await check(OTHER, '--publisher', 'Org')).status).toBe(0);
  });
  it('a key accepted beforehand is used without being given, and said to be', async () => {
    await run('signers', 'accept', 'Org', '--key', OLD.key);
    const { out, status } = await run('verify', OLD.folder, '--publisher', 'Org', '--db', 'none', '--json');
    const report = JSON.parse(out) as { attestations: { steps: { id: string; trust?: object }[] }[] };
    const step = report.attestations[0]!.steps.find(({ id }) => id === 'signature');
    expect(step?.trust).toMatchObject({ from: 'accepted', name: 'release.pem' });
    expect(status).toBe(0);
    const other = await run('verify', OTHER.folder, '--publisher', 'Org', '--db', 'none');
    expect(other.out).toContain('✕ Not signed with the key that you accepted for Org, release.pem');
    expect(other.status).toBe(1);
  });
  it('that nobody signed any more is said, and exits with 2', async () => {
    await check(OLD, '--publisher', 'Org');
    const bare = join(home, 'bare');
    mkdirSync(bare);
    writeFileSync(join(bare, 'notes.txt'), '# a model');
    const { out, status } = await run('verify', bare, '--publisher', 'Org', '--db', 'none');
    expect(out).toContain('this one carries no signature');
    expect(status).toBe(2);
  });
});

describe('for pipelines', () => {
  it('nothing is read or written without a publisher, or with --no-remember', async () => {
    await check(OLD);
    await check(OLD, '--publisher', 'Org', '--no-remember');
    expect(existsSync(file())).toBe(false);
    await check(OLD, '--publisher', 'Org');
    expect((await check(OTHER, '--publisher', 'Org', '--no-remember')).out).not.toContain('Another signer');
  });
  it('--signers compares with a file, gives the same answer every time and writes nothing', async () => {
    await check(OLD, '--publisher', 'Org');
    const pinned = join(home, 'pinned.json');
    await run('signers', 'export', pinned);
    await run('signers', 'forget', '--all');
    const before = [readFileSync(pinned, 'utf8'), readFileSync(file(), 'utf8')];
    const answers = [];
    for (const _ of [1, 2])
      answers.push((await check(OTHER, '--publisher', 'Org', '--signers', pinned)).out.replaceAll(/[\d.]+ m?s\b/g, ''));
    expect(answers[0]).toContain('Another signer than before for Org');
    expect(answers[1]).toBe(answers[0]);
    expect([readFileSync(pinned, 'utf8'), readFileSync(file(), 'utf8')]).toEqual(before);
  });
  it('--signers that cannot be read stops the run rather than compare with nothing', async () => {
    const broken = join(home, 'broken.json');
    writeFileSync(broken, '{}');
    await expect(check(OLD, '--publisher', 'Org', '--signers', broken)).rejects.toMatchObject({
      code: 'ATTEST_MEMORY_FILE',
    });
    await expect(check(OLD, '--publisher', 'Org', '--signers', join(home, 'none.json'))).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
    });
    await expect(check(OLD, '--publisher', ' ')).rejects.toMatchObject({ code: 'USAGE' });
  });
  it('models of the Hub have their namespace as publisher, and those of another Hub its host with it', async () => {
    const plan = { origin: { kind: 'hub', repo: 'org/name', commit: 'c'.repeat(40) } } as const;
    await run('signers', 'accept', 'org', '--identity', 'ann@x', '--issuer', 'https://i');
    const options = parseOptions(['verify', 'hf:org/name']);
    const known = await openMemory(options, plan, NO_EXPECTATIONS);
    expect(known?.expect.remembered).toMatchObject([{ signers: [{ identity: 'ann@x', issuer: 'https://i' }] }]);
    const elsewhere = await openMemory(options, plan, NO_EXPECTATIONS, { endpoint: 'https://hub.example' });
    expect(elsewhere?.expect.remembered).toEqual([]);
    expect(await openMemory(options, { origin: { kind: 'local' } }, NO_EXPECTATIONS)).toBeNull();
  });
});

describe('the file', () => {
  it('is the user’s own, whole, and the same whoever wrote it', async () => {
    await check(OLD, '--publisher', 'Org');
    expect(statSync(file()).mode % 0o1000).toBe(0o600);
    expect(readdirSync(join(home, 'assay'))).toEqual(['signers.json']);
    const first = readFileSync(file(), 'utf8');
    await run('signers', 'import', file());
    expect(readFileSync(file(), 'utf8')).toBe(first);
  });
  it('that is damaged is set aside with a notice, and never believed', async () => {
    await check(OLD, '--publisher', 'Org');
    writeFileSync(file(), readFileSync(file(), 'utf8').replace('"seen"', '"trusted"'));
    const { err, out } = await check(OTHER, '--publisher', 'Org');
    expect(err).toContain('cannot be read. It was set aside as');
    expect(out).toContain('This is the first time');
    expect(readdirSync(join(home, 'assay')).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
  });
  it('that cannot be written is no reason to fail', async () => {
    mkdirSync(join(file(), 'a folder where the file should be'), { recursive: true });
    const { err, status } = await check(OLD, '--publisher', 'Org');
    expect(err).toContain('could not be remembered');
    expect(readdirSync(join(home, 'assay'))).toEqual(['signers.json']);
    expect(status).toBe(0);
  });
});

describe('assay signers', () => {
  it('lists, forgets one, all of a publisher, or everything', async () => {
    expect((await run('signers', 'list')).out).toBe('No signers are remembered.');
    await check(OLD, '--publisher', 'Org');
    await check(OTHER, '--publisher', 'Org');
    await check(OLD, '--publisher', 'Else');
    expect((await run('signers', 'list', 'org')).out).toMatch(
      /Org: seen release\.pem[^]*Org: seen in place of another release\.pem/,
    );
    const mine = (JSON.parse((await run('signers', 'list', 'org', '--json')).out) as { signers: { id: string }[] })
      .signers;
    await run('signers', 'forget', 'Org', mine[0]!.id);
    expect(await ids()).toHaveLength(2);
    await run('signers', 'forget', 'ORG');
    expect(await ids()).toHaveLength(1);
    await run('signers', 'forget', '--all');
    expect(await ids()).toHaveLength(0);
  });
  it.each([
    [['forget', 'Nobody'], 'Nothing is remembered'],
    [['forget', 'Org', 'ffffffffffff'], 'No signer of "Org"'],
    [['forget', 'Org', '--all'], '--all forgets every publisher'],
    [['forget'], 'Name a publisher'],
    [['accept', 'Org'], 'needs one of'],
    [['accept', 'Org', 'abc', '--identity', 'x', '--issuer', 'y'], 'needs one of'],
    [['accept', 'Org', '--identity', 'x'], '--issuer'],
    [['accept', 'Org', 'ffffffffffff'], 'No signer of "Org"'],
    [['import'], 'needs a file'],
    [['destroy'], 'There is no "assay signers destroy"'],
    [['list', 'a', 'b'], 'one too many'],
  ])('refuses %j in words', async (argv, words) => {
    await check(OLD, '--publisher', 'Org');
    const before = readFileSync(file(), 'utf8');
    await expect(run('signers', ...argv)).rejects.toMatchObject({
      code: 'USAGE',
      detail: { problem: expect.stringContaining(words) as string },
    });
    expect(readFileSync(file(), 'utf8')).toBe(before);
  });
  it('overwrites no file when it exports', async () => {
    const there = join(home, 'there.json');
    writeFileSync(there, 'mine');
    await expect(run('signers', 'export', there)).rejects.toMatchObject({ code: 'USAGE' });
    expect(readFileSync(there, 'utf8')).toBe('mine');
  });
});

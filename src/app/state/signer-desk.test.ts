import { describe, expect, it } from 'vitest';
import type { Attestation } from '../../core/claims/attestations/attestation.ts';
import { buildReport } from '../../core/report/build.ts';
import type { Report } from '../../core/report/report.ts';
import type { SignerName } from '../../core/report/signer-memory.ts';
import { emptyScan } from '../../core/scan/empty.ts';
import type { Plan } from '../../core/scan/model.ts';
import { SignersHere } from '../storage/signers-db.ts';
import { expectationsOf } from './expected.ts';
import { SignerDesk } from './signer-desk.ts';

const A: SignerName = { method: 'key', name: 'release.pem', key: 'a'.repeat(64) };
const B: SignerName = { method: 'key', name: 'release.pem', key: 'b'.repeat(64) };

const planOf = (repo?: string): Plan => ({
  name: 'model',
  origin: repo === undefined ? { kind: 'local' } : { kind: 'hub', repo, commit: 'c'.repeat(40) },
  depth: 'full',
  artifacts: [],
  bytes: 0,
  checks: [],
});
const reportOf = (signer: SignerName | null, day: number): Report => {
  const attestation: Attestation = {
    kind: 'oms',
    path: 'model.sig',
    outcome: 'matches',
    steps: [{ id: 'signature', outcome: 'matches' }],
    ...(signer === null ? {} : { signer }),
    files: [],
    warnings: [],
    facts: {},
  };
  return buildReport({
    tool: { name: 'assay', version: '0.1.0' },
    created: `2026-05-${String(day).padStart(2, '0')}T10:00:00.000Z`,
    subject: { name: 'model', origin: 'local' },
    depth: 'full',
    stopped: false,
    files: [{ ...emptyScan('model.gguf', 1), role: 'weights', status: 'complete' }],
    checks: [],
    findings: [],
    sightings: [],
    attestations: signer === null ? [] : [attestation],
    database: null,
  });
};
const GIVEN = expectationsOf({
  identity: '',
  issuer: '',
  given: [{ name: 'release.pem', bytes: new Uint8Array([1]) }],
});

/** One check from its conclusion to the screen. */
async function check(desk: SignerDesk, plan: Plan, signer: SignerName | null, day: number): Promise<Report> {
  await desk.expecting(plan, GIVEN);
  const report = await desk.compared(plan, reportOf(signer, day));
  await desk.shown(plan);
  return report;
}
const events = ({ checks }: Report) =>
  checks
    .filter(({ kind }) => kind.startsWith('signer-'))
    .map(({ outcome, detail }) => `${detail?.['event']} ${outcome}`);
const setUp = () => {
  const store = new SignersHere();
  return { store, desk: new SignerDesk(store, () => '2026-06-01T00:00:00.000Z') };
};

describe('the memory of signers in the app', () => {
  it('compares before it remembers, and counts one check once, however often it is concluded', async () => {
    const { store, desk } = setUp();
    const plan = planOf('org/name');
    for (const day of [1, 2]) expect(events(await check(desk, plan, A, day))).toEqual(['first no-claim']);
    expect((await store.read('ORG')).signers).toMatchObject([{ times: 1, how: 'seen', publisher: 'org' }]);
    expect(events(await check(desk, planOf('Org/other'), A, 3))).toEqual(['same matches']);
    expect((await store.read('org')).signers).toMatchObject([{ times: 2, subject: { name: 'model' } }]);
  });
  it('remembers nothing before the report stands', async () => {
    const { store, desk } = setUp();
    const plan = planOf('org/name');
    await desk.expecting(plan, undefined);
    await desk.compared(plan, reportOf(A, 1));
    expect((await store.read(null)).signers).toEqual([]);
  });
  it('has no publisher for files of this device until the person names one', async () => {
    const { store, desk } = setUp();
    const plan = planOf();
    expect(events(await check(desk, plan, A, 1))).toEqual([]);
    expect((await store.read(null)).signers).toEqual([]);
    expect(desk.atHand(plan)).toMatchObject({ publisher: null, fromHub: false, met: [{ signer: A }] });
    expect(desk.name(plan, ' ')).toBe(false);
    expect(desk.name(plan, 'org')).toBe(true);
    expect(events(await check(desk, plan, A, 1))).toEqual(['first no-claim']);
    expect((await store.read('org')).signers).toHaveLength(1);
    expect(desk.name(planOf('google/x'), 'org')).toBe(false);
  });
  it('offers what the files call themselves and uses it only when the person does', async () => {
    const { store, desk } = setUp();
    const plan = planOf();
    await desk.expecting(plan, undefined);
    const detail = { repo: 'org/name', commit: 'c'.repeat(40) };
    const source = { kind: 'layout', name: 'org/name', independent: false };
    const made = reportOf(A, 1);
    const checks = [
      ...made.checks,
      { id: 'x', axis: 'bytes', kind: 'stated-origin', outcome: 'no-claim', source, detail } as const,
    ];
    await desk.compared(plan, { ...made, checks });
    await desk.shown(plan);
    expect(desk.atHand(plan)).toMatchObject({ suggestion: 'org', publisher: null });
    expect((await store.read(null)).signers).toEqual([]);
  });
  it('offers what a configuration was saved from, when that is a repository and nothing says otherwise', async () => {
    const config = async (...texts: readonly string[]): Promise<string | null> => {
      const { desk } = setUp();
      const artifacts = texts.map((text, i) => {
        const blob = new Blob([text]);
        const spec = { kind: 'file', name: 'config.json', file: blob } as const;
        const path = `part${i}/config.json`;
        return { path, size: blob.size, spec, role: 'side', algorithms: [], tensorAlgorithms: [] } as const;
      });
      const plan = { ...planOf(), artifacts };
      await check(desk, plan, A, 1);
      return desk.atHand(plan).suggestion;
    };
    expect(await config('{"_name_or_path": "org/base"}')).toBe('org');
    expect(await config('{"_name_or_path": "org/base"}', '{"_name_or_path": "ORG/other"}')).toBe('org');
    for (const other of ['{"_name_or_path": "/home/me/x"}', '{"_name_or_path": 7}', '{', '[]', 'null'])
      expect(await config(other)).toBeNull();
    expect(await config('{"_name_or_path": "org/base"}', '{"_name_or_path": "else/base"}')).toBeNull();
    expect(await config(`{"_name_or_path": "org/base", "x": "${'x'.repeat(300_000)}"}`)).toBeNull();
  });
  it('takes a decision into account at once and for the next check', async () => {
    const { desk } = setUp();
    await check(desk, planOf('org/name'), A, 1);
    const plan = planOf('org/name');
    expect(events(await check(desk, plan, B, 2))).toEqual(['changed could-not-check']);
    await desk.keepOld(plan);
    expect(events(await check(desk, plan, B, 2))).toEqual(['changed contradicts']);
    await desk.accept(plan, B, desk.atHand(plan).met[0]!);
    expect(events(await check(desk, plan, B, 2))).toEqual(['accepted matches']);
    expect(events(await check(desk, planOf('org/name'), A, 3))).toEqual(['accepted matches']);
    expect(events(await check(desk, planOf('org/name'), null, 4))).toEqual(['unsigned could-not-check']);
  });
  it('gives back an accepted key to the next check of the same publisher, and to no other', async () => {
    const { desk } = setUp();
    const plan = planOf('org/name');
    await check(desk, plan, A, 1);
    await desk.accept(plan, A, desk.atHand(plan).met[0]!);
    const next = await desk.expecting(planOf('org/next'), undefined);
    expect(next?.remembered).toMatchObject([
      { keys: [{ bytes: new Uint8Array([1]), origin: { from: 'accepted', name: 'release.pem' } }] },
    ]);
    expect((await desk.expecting(planOf('other/next'), undefined))?.remembered).toEqual([]);
    expect(await desk.expecting(planOf(), undefined)).toBeUndefined();
  });
  it('remembers whom the person gave for this check, and a name with its issuer even where another one signed', async () => {
    const { store, desk } = setUp();
    const plan = planOf('org/name');
    await check(desk, plan, A, 1);
    expect(await desk.acceptGiven(plan, { identity: '', issuer: '' })).toBe(true);
    expect((await store.read('org')).signers).toMatchObject([{ signer: A, how: 'accepted' }]);
    const other = planOf('other/name');
    await check(desk, other, { method: 'sigstore', name: 'bob@x', issuer: 'https://i' }, 1);
    expect(await desk.acceptGiven(other, { identity: 'ann@x', issuer: '' })).toBe(false);
    expect(await desk.acceptGiven(other, { identity: 'ann@x', issuer: 'https://i' })).toBe(true);
    expect(await desk.acceptGiven(other, { identity: 'bob@x', issuer: 'https://elsewhere' })).toBe(true);
    const names = (await store.read('other')).signers.map(({ signer, how }) => [signer.name, signer.issuer, how]);
    expect(names).toEqual([
      ['bob@x', 'https://i', 'seen'],
      ['ann@x', 'https://i', 'accepted'],
      ['bob@x', 'https://elsewhere', 'accepted'],
    ]);
  });
  it('keeps a policy for the publisher, until it is taken back', async () => {
    const { desk } = setUp();
    const plan = planOf('org/name');
    await desk.expecting(plan, undefined);
    await desk.keepPolicy(plan, '{"source":"github.com/org/x"}');
    expect((await desk.expecting(planOf('org/b'), undefined))?.policies).toMatchObject([
      { origin: { from: 'accepted' } },
    ]);
    expect(desk.atHand(plan).policy?.policy).toContain('github.com/org/x');
    await desk.keepPolicy(plan, null);
    expect((await desk.expecting(planOf('org/c'), undefined))?.policies).toEqual([]);
    await desk.keepPolicy(plan, 'x'.repeat(30_000));
    expect((await desk.expecting(planOf('org/d'), undefined))?.policies).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Attestation, Step } from '../claims/attestations/attestation.ts';
import { NO_EXPECTATIONS } from '../claims/attestations/kind.ts';
import { withRemembered } from '../claims/attestations/remembered.ts';
import { CHECK_KINDS } from '../claims/kinds.ts';
import { exitStatus } from '../../cli/exit-status.ts';
import { file, report as situation, sums, type Circumstances } from './situation.suite.ts';
import { accepted, metSigners, sighted, type SignerName, type SignerRecord } from './signer-memory.ts';
import { comparedWithSigners, expectingRemembered, metIn, rememberedTrust } from './signer-trust.ts';
import { statement } from './words/statement.ts';
import type { Report } from './report.ts';

const hex = (digit: string): string => digit.repeat(64);
const A: SignerName = { method: 'key', name: 'release.pem', key: hex('a') };
const B: SignerName = { method: 'key', name: 'release.pem', key: hex('b') };
const ANN: SignerName = { method: 'sigstore', name: 'ann@example.org', issuer: 'https://issuer.example' };
const DAY = '2026-05-03T10:00:00.000Z';
const LATER = '2026-06-07T10:00:00.000Z';

const STEPS: readonly Step[] = [
  { id: 'bundle', outcome: 'matches' },
  { id: 'signature', outcome: 'matches' },
];
const attestation = (signer: SignerName | null, more: Partial<Attestation> = {}): Attestation => ({
  kind: 'oms',
  path: 'model.sig',
  outcome: 'matches',
  steps: STEPS,
  ...(signer === null ? {} : { signer }),
  files: [],
  warnings: [],
  facts: {},
  ...more,
});
const model = (attestations: readonly Attestation[], more: Circumstances = {}): Report =>
  situation([file('model.gguf', 'weights')], { attestations, claims: [sums({ 'model.gguf': 'weights' })], ...more });

const seen = (signer: SignerName, at = DAY, before: readonly SignerRecord[] = []): SignerRecord[] =>
  sighted(before, {
    publisher: 'org',
    met: metSigners([attestation(signer)]),
    subject: { name: 'model' },
    at,
  });
const accept = (records: readonly SignerRecord[], signer: SignerName): SignerRecord[] =>
  accepted(records, { publisher: 'org', signer, attestations: [], materials: [], at: LATER });

const compared = (
  attestations: readonly Attestation[],
  records: readonly SignerRecord[],
  expectations = NO_EXPECTATIONS,
) => comparedWithSigners(model(attestations), 'org', records, expectations).report;
const own = (report: Report) => report.checks.filter(({ kind }) => kind.startsWith('signer-'));
const said = (report: Report) => own(report).map((check) => `${check.kind} ${check.outcome}: ${statement(check).text}`);

describe('a signer', () => {
  it('who was never met for this publisher is new, which is no claim by anybody', () => {
    const report = compared([attestation(A)], []);
    expect(said(report)).toEqual([
      'signer-memory no-claim: This is the first time that a signature by release.pem (key aaaaaaaaaaaaaaaa…) for org is seen here.',
    ]);
    expect(report.verdict.outcome).toBe('matches');
  });
  it('who was met before is told with the first day and how often', () => {
    const records = seen(A, LATER, seen(A));
    expect(said(compared([attestation(A)], records))).toEqual([
      'signer-memory matches: Signed by release.pem (key aaaaaaaaaaaaaaaa…), as on 3 May 2026 (seen 2 times for org).',
    ]);
  });
  it('whom the person accepted is told with that day', () => {
    expect(said(compared([attestation(ANN)], accept([], ANN)))).toEqual([
      'signer-memory matches: Signed by ann@example.org (vouched for by https://issuer.example), whom you accepted for org on 7 June 2026.',
    ]);
  });
  it('in place of an accepted one contradicts, in the headline too, with both names and days', () => {
    const report = compared([attestation(B)], accept(seen(A), A));
    expect(said(report)).toEqual([
      'signer-changed contradicts: Another signer than the one you accepted for org: release.pem (key bbbbbbbbbbbbbbbb…), not release.pem (key aaaaaaaaaaaaaaaa…). You accepted release.pem (key aaaaaaaaaaaaaaaa…) on 7 June 2026, and last saw it on 3 May 2026.',
    ]);
    expect(report.verdict.outcome).toBe('contradicts');
    expect(report.verdict.sentence).toBe(
      'Another signer than the one you accepted for org: release.pem (key bbbbbbbbbbbbbbbb…), not release.pem (key aaaaaaaaaaaaaaaa…).',
    );
    expect(report.verdict.note).toContain('on 7 June 2026, and last saw it on 3 May 2026.');
    expect(report.axes.signer).toEqual({
      outcome: 'contradicts',
      line: 'Another signer than the one you accepted: release.pem',
    });
    expect(exitStatus(report)).toBe(1);
  });
  it('in place of an accepted one contradicts although the new one was met before', () => {
    const records = seen(B, LATER, accept(seen(A), A));
    expect(own(compared([attestation(B)], records))[0]).toMatchObject({ outcome: 'contradicts' });
    expect(said(compared([attestation(B)], records))[0]).toContain('The new one was met before, on 7 June 2026');
  });
  it('in place of an accepted one contradicts although the other was seen beside it before', () => {
    const both = sighted([], {
      publisher: 'org',
      met: metSigners([attestation(A), attestation(ANN, { path: 'b.sig' })]),
      subject: { name: 'model' },
      at: DAY,
    });
    expect(both.map(({ how }) => how)).toEqual(['seen', 'seen']);
    expect(own(compared([attestation(A)], accept(both, ANN)))).toMatchObject([
      { kind: 'signer-changed', outcome: 'contradicts', detail: { metBefore: DAY } },
    ]);
  });
  it('in place of one that was merely seen is a caution that stays until the person decides', () => {
    const report = compared([attestation(B)], seen(A));
    expect(said(report)).toEqual([
      'signer-changed could-not-check: Another signer than before for org: release.pem (key bbbbbbbbbbbbbbbb…), until now release.pem (key aaaaaaaaaaaaaaaa…). That one was seen once, on 3 May 2026.',
    ]);
    expect(report.verdict.outcome).toBe('matches');
    expect(report.verdict.note).toMatch(/^Another signer than before for org/);
    expect(report.axes.signer.outcome).toBe('could-not-check');
    expect(exitStatus(report)).toBe(2);
    const again = seen(B, LATER, seen(A));
    expect(own(compared([attestation(B)], again))[0]).toMatchObject({
      kind: 'signer-changed',
      outcome: 'could-not-check',
    });
    expect(own(compared([attestation(B)], accept(again, B)))[0]).toMatchObject({
      kind: 'signer-memory',
      outcome: 'matches',
    });
    expect(own(compared([attestation(B)], accept(again, A)))[0]).toMatchObject({
      kind: 'signer-changed',
      outcome: 'contradicts',
    });
  });
  it('beside an expected one is told and is no change', () => {
    const report = compared([attestation(B, { path: 'b.sig' }), attestation(A)], accept(seen(A), A));
    expect(own(report).map(({ kind, outcome, detail }) => [kind, outcome, detail?.['event']])).toEqual([
      ['signer-memory', 'matches', 'accepted'],
      ['signer-memory', 'no-claim', 'also'],
    ]);
  });
  it('whose list fits other files vouches for nobody here: the one who signed these files is a change', () => {
    const replayed = attestation(A, {
      outcome: 'contradicts',
      steps: [...STEPS, { id: 'files', outcome: 'contradicts' }],
    });
    const report = compared([replayed, attestation(B, { path: 'b.sig' })], accept(seen(A), A));
    expect(own(report)).toMatchObject([{ kind: 'signer-changed', outcome: 'contradicts', path: 'b.sig' }]);
  });
  it('of another publisher’s memory plays no part', () => {
    expect(own(comparedWithSigners(model([attestation(B)]), 'other', [], NO_EXPECTATIONS).report)).toMatchObject([
      { outcome: 'no-claim', detail: { event: 'first', publisher: 'other' } },
    ]);
  });
  it('who was refused because another was expected is named as the change', () => {
    const reason = {
      code: 'ATTEST_IDENTITY',
      detail: { actual: 'bob@example.org', issuer: 'https://issuer.example', expected: 'ann@example.org' },
    } as const;
    const log = { id: 'log', outcome: 'matches' } as const;
    const steps: readonly Step[] = [...STEPS, log, { id: 'identity', outcome: 'contradicts', reason }];
    const refused = model([attestation(null, { outcome: 'contradicts', steps })], {
      extra: [
        {
          axis: 'signer',
          kind: 'signature',
          outcome: 'contradicts',
          path: 'model.sig',
          source: { kind: 'attestation-oms', name: 'model.sig', independent: false },
          reason,
        },
      ],
    });
    const { report } = comparedWithSigners(refused, 'org', accept([], ANN), NO_EXPECTATIONS);
    // That the signature was refused follows from the change.
    expect(report.verdict.sentence).toContain('Another signer than the one you accepted');
    expect(said(report)[0]).toContain(': bob@example.org (vouched for by https://issuer.example), not ann@example.org');
    expect(own(report)[0]).toMatchObject({ kind: 'signer-changed', outcome: 'contradicts' });
  });
});

describe('no established signer', () => {
  it('is said when the models of this publisher were signed before', () => {
    const report = compared([], seen(ANN));
    expect(said(report)).toEqual([
      'signer-memory could-not-check: Models of org seen here before were signed by ann@example.org (vouched for by https://issuer.example), last on 3 May 2026; this one carries no signature.',
    ]);
    expect(report.axes.signer).toEqual({
      outcome: 'could-not-check',
      line: 'No signature, although models of org were signed before',
    });
    expect(report.verdict.note).toContain('this one carries no signature');
    expect(exitStatus(report)).toBe(2);
  });
  it('is nothing to say about a publisher nobody remembers', () => {
    expect(own(compared([], []))).toEqual([]);
  });
  it('where a signature is there is not called unsigned', () => {
    const open = attestation(null, {
      outcome: 'could-not-check',
      steps: [{ id: 'material', outcome: 'could-not-check', reason: { code: 'ATTEST_NO_KEY', detail: {} } }],
    });
    expect(said(compared([open], seen(A)))[0]).toContain('who signed this one is not established');
    const unread = situation([file('model.gguf', 'weights')], {
      extra: [
        {
          axis: 'signer',
          kind: 'signature',
          outcome: 'could-not-check',
          path: 'model.sig',
          source: { kind: 'signature', name: 'model.sig', independent: false },
        },
      ],
    });
    expect(own(comparedWithSigners(unread, 'org', seen(A), NO_EXPECTATIONS).report)[0]?.detail?.['event']).toBe('open');
  });
  it('is a change when the key that was accepted is not the one that signed, and no other was given', () => {
    const steps: readonly Step[] = [
      { id: 'material', outcome: 'contradicts', reason: { code: 'ATTEST_OTHER_KEY', detail: {} } },
    ];
    const other = attestation(null, { outcome: 'contradicts', steps });
    const records = accept(seen(A), A);
    expect(said(compared([other], records))[0]).toBe(
      'signer-changed contradicts: Not signed with the key that you accepted for org, release.pem (key aaaaaaaaaaaaaaaa…): another key was used. You accepted release.pem (key aaaaaaaaaaaaaaaa…) on 7 June 2026, and last saw it on 3 May 2026.',
    );
    const given = {
      ...NO_EXPECTATIONS,
      keys: [{ bytes: new Uint8Array(1), origin: { from: 'given', name: 'x' } as const }],
    };
    expect(own(compared([other], records, given))[0]?.detail?.['event']).toBe('open');
  });
});

describe('what was accepted', () => {
  const key = { kind: 'key', name: 'release.pem', bytes: 'QUJD' } as const;
  const records = accepted(accept(seen(B), ANN), {
    publisher: 'org',
    signer: A,
    attestations: ['oms'],
    materials: [key],
    at: LATER,
  });

  it('is expected again, and what was merely seen is not', () => {
    expect(rememberedTrust(records)).toMatchObject([
      { signers: [{ identity: ANN.name, issuer: ANN.issuer, origin: { from: 'accepted', date: LATER } }], keys: [] },
      {
        attestations: ['oms'],
        signers: [],
        keys: [{ bytes: new Uint8Array([65, 66, 67]), origin: { from: 'accepted', name: 'release.pem' } }],
      },
    ]);
  });
  it('is used only for the kinds it was accepted for, and gives way to what is given now', () => {
    const expectations = expectingRemembered(NO_EXPECTATIONS, records, undefined);
    expect(withRemembered(expectations, 'oms').keys).toHaveLength(1);
    expect(withRemembered(expectations, 'in-toto').keys).toHaveLength(0);
    expect(withRemembered(expectations, 'in-toto').signers).toHaveLength(1);
    const given = { ...expectations, signers: [{ identity: 'x' }], keys: [] };
    expect(withRemembered(given, 'oms').signers).toEqual([{ identity: 'x' }]);
    expect(withRemembered(given, 'oms').keys).toHaveLength(1);
  });
  it('under another trust root is checked with that root, unless another signer is under the shipped one', () => {
    const root = { kind: 'trust-root', name: 'root.json', bytes: 'QUJD' } as const;
    const private_ = accepted([], {
      publisher: 'org',
      signer: { ...ANN, root: hex('f') },
      attestations: [],
      materials: [root],
      at: DAY,
    });
    const roots = (list: readonly SignerRecord[]) =>
      withRemembered(expectingRemembered(NO_EXPECTATIONS, list, undefined), 'oms').trustedRoots.length;
    expect(roots(private_)).toBe(1);
    expect(roots(accept(private_, ANN))).toBe(0);
  });
  it('includes a policy, for which one given now stands in', () => {
    const kept = { publisher: 'org', policy: '{"source":"github.com/org/x"}', acceptedOn: DAY };
    const [policy] = expectingRemembered(NO_EXPECTATIONS, [], kept).policies;
    expect(new TextDecoder().decode(policy?.bytes)).toBe(kept.policy);
    expect(policy?.origin).toEqual({ from: 'accepted', name: 'the policy for org', date: DAY });
    const given = { bytes: new Uint8Array(2), origin: { from: 'given', name: 'p.json' } } as const;
    expect(expectingRemembered({ ...NO_EXPECTATIONS, policies: [given] }, [], kept).policies).toEqual([given]);
  });
  it('keeps the key that a signature was checked with', () => {
    const bytes = new Uint8Array([65, 66, 67]);
    const keys = ['other.pem', 'release.pem'].map((name) => ({ bytes, origin: { from: 'given', name } as const }));
    const { met } = comparedWithSigners(model([attestation(A)]), 'org', [], { ...NO_EXPECTATIONS, keys });
    expect(met[0]?.materials).toEqual([key]);
  });
});

it('names of hostile signers are shown as text, in one line', () => {
  const report = compared([attestation({ ...ANN, name: 'ann\u202e\nevil' })], []);
  expect(said(report)[0]).toContain('ann··evil');
  expect(metIn({ subject: { ...report.subject, name: '' } }).name).toBe('a model');
});

it('both kinds of checks are known', () => {
  expect(CHECK_KINDS).toContain('signer-memory');
  expect(CHECK_KINDS).toContain('signer-changed');
});

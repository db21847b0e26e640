import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attestation, Signer, Step } from '../claims/attestations/attestation.ts';
import {
  accepted,
  merged,
  metSigners,
  publisherKey,
  readPublisher,
  recordId,
  sighted,
  signerId,
  type Met,
  type SignerName,
  type SignerRecord,
} from './signer-memory.ts';

const hex = (digit: string): string => digit.repeat(64);
const KEY_A: SignerName = { method: 'key', name: 'release.pem', key: hex('a') };
const KEY_B: SignerName = { method: 'key', name: 'release.pem', key: hex('b') };
const ANN: SignerName = { method: 'sigstore', name: 'ann@example.org', issuer: 'https://issuer.example' };

const met = (signer: SignerName, more: Partial<Met> = {}): Met => ({
  signer,
  attestation: 'oms',
  path: 'model.sig',
  sound: true,
  materials: [],
  ...more,
});
const at = (day: number): string => `2026-05-${String(day).padStart(2, '0')}T10:00:00.000Z`;
const see = (records: readonly SignerRecord[], signers: readonly Met[], day: number): SignerRecord[] =>
  sighted(records, { publisher: 'Org', met: signers, subject: { name: `model ${day}` }, at: at(day) });
const accept = (records: readonly SignerRecord[], signer: SignerName, day: number): SignerRecord[] =>
  accepted(records, { publisher: 'Org', signer, attestations: ['oms'], materials: [], at: at(day) });

describe('who is the same signer', () => {
  it('is the key for a bare key, whatever its file is called', () => {
    expect(signerId(KEY_A)).not.toBe(signerId(KEY_B));
    expect(signerId({ ...KEY_A, name: 'other.pem' })).toBe(signerId(KEY_A));
    expect(signerId({ method: 'key', name: 'release.pem' })).toBeNull();
  });
  it('is name and issuer for Sigstore, whatever key was used, under the same root', () => {
    expect(signerId({ ...ANN, key: hex('1') })).toBe(signerId({ ...ANN, key: hex('2') }));
    for (const other of [
      { ...ANN, issuer: 'https://issuer.example/' },
      { ...ANN, name: 'Ann@example.org' },
      { ...ANN, root: hex('c') },
      { method: 'sigstore' as const, name: ANN.name },
    ])
      expect(signerId(other)).not.toBe(signerId(ANN));
  });
  it('is subject, issuer and root for a certificate: a renewed one is the same, one under another root is not', () => {
    const one: SignerName = { method: 'certificate', name: 'CN=a', issuer: 'CN=ca', key: hex('1'), root: hex('d') };
    expect(signerId({ ...one, key: hex('2') })).toBe(signerId(one));
    expect(signerId({ ...one, root: hex('e') })).not.toBe(signerId(one));
    expect(signerId({ ...one, issuer: 'CN=other' })).not.toBe(signerId(one));
    expect(signerId({ method: 'certificate', name: 'CN=a', issuer: 'CN=ca' })).toBeNull();
  });
  it('keeps one publisher apart from another, and not by case', () => {
    expect(publisherKey(' OpenAI ')).toBe(publisherKey('openai'));
    expect(recordId({ publisher: 'a', signer: ANN })).not.toBe(recordId({ publisher: 'b', signer: ANN }));
  });
  it('takes no publisher name that is empty, endless or disguised', () => {
    for (const bad of ['', '  ', 'a'.repeat(201), 'goo\u202egle', 'a\nb']) expect(readPublisher(bad)).toBeNull();
    expect(readPublisher('  org ')).toBe('org');
  });
});

describe('who is met in a report', () => {
  const steps = (...list: readonly (readonly [Step['id'], Step['outcome'], Partial<Step>?])[]): Step[] =>
    list.map(([id, outcome, more]) => ({ id, outcome, ...more }));
  const signer: Signer = { method: 'key', name: 'release.pem', key: hex('a') };
  const attestation = (more: Partial<Attestation>): Attestation => ({
    kind: 'oms',
    path: 'model.sig',
    outcome: 'matches',
    steps: steps(['signature', 'matches']),
    signer,
    files: [],
    warnings: [],
    facts: {},
    ...more,
  });

  it('is only a signer whose signature holds', () => {
    expect(metSigners([attestation({})])).toEqual([met(KEY_A)]);
    expect(metSigners([attestation({ steps: steps(['signature', 'could-not-check']) })])).toEqual([]);
    const { signer: _, ...without } = attestation({});
    expect(metSigners([without])).toEqual([]);
  });
  it('is no machine, and nobody without a key', () => {
    expect(metSigners([attestation({ signer: { ...signer, method: 'tpm' } })])).toEqual([]);
    expect(metSigners([attestation({ signer: { method: 'key', name: 'release.pem' } })])).toEqual([]);
    expect(metSigners([attestation({ signer: { ...signer, name: 'x'.repeat(2000) } })])).toEqual([]);
  });
  it('is not sound when the files are others than the signed ones', () => {
    const [one] = metSigners([
      attestation({ outcome: 'contradicts', steps: steps(['signature', 'matches'], ['files', 'contradicts']) }),
    ]);
    expect(one).toMatchObject({ sound: false });
  });
  it('is told when somebody else was expected, and never remembered for it', () => {
    const reason = {
      code: 'ATTEST_IDENTITY',
      detail: { actual: ANN.name, issuer: ANN.issuer!, expected: 'x' },
    } as const;
    const list = steps(['signature', 'matches'], ['log', 'matches'], ['identity', 'contradicts', { reason }]);
    const { signer: _, ...without } = attestation({ outcome: 'contradicts', steps: list });
    const found = metSigners([without]);
    expect(found).toEqual([met(ANN, { sound: false })]);
    expect(see([], found, 1)).toEqual([]);
    const broken = steps(['signature', 'matches'], ['log', 'contradicts'], ['identity', 'contradicts', { reason }]);
    expect(metSigners([{ ...without, steps: broken }])).toEqual([]);
    const other = steps(['signature', 'matches'], ['identity', 'contradicts', { reason }]);
    expect(metSigners([{ ...without, steps: other }])).toEqual([]);
  });
  it('is under another root when the trust root is not the shipped one', () => {
    const trust = { from: 'given', name: 'root.json', sha256: hex('f') } as const;
    const own = attestation({
      signer: { ...ANN, key: hex('1') },
      steps: steps(['signature', 'matches'], ['certificate', 'matches', { trust }]),
    });
    expect(metSigners([own])[0]?.signer).toEqual({ ...ANN, root: hex('f') });
    for (const from of ['shipped', 'fetched'] as const) {
      const renewed = steps(['signature', 'matches'], ['certificate', 'matches', { trust: { ...trust, from } }]);
      expect(metSigners([{ ...own, steps: renewed }])[0]?.signer).toEqual(ANN);
    }
  });
});

describe('what is remembered', () => {
  it('counts checks, keeps the first and the last day and where it was met last', () => {
    const records = see(see([], [met(KEY_A), met(KEY_A, { path: 'again.sig' })], 3), [met(KEY_A)], 5);
    expect(records).toEqual([
      {
        publisher: 'Org',
        signer: KEY_A,
        attestations: ['oms'],
        how: 'seen',
        firstSeen: at(3),
        lastSeen: at(5),
        times: 2,
        subject: { name: 'model 5' },
        materials: [],
      },
    ]);
  });
  it('questions a signer who takes the place of another, however often, until the person decides', () => {
    let records = see([], [met(KEY_A)], 1);
    for (const day of [2, 3]) records = see(records, [met(KEY_B)], day);
    expect(records.map(({ how, times }) => [how, times])).toEqual([
      ['seen', 1],
      ['questioned', 2],
    ]);
    expect(accept(records, KEY_B, 4)[1]).toMatchObject({ how: 'accepted', acceptedOn: at(4), times: 2 });
  });
  it('takes a second signer beside the known one as seen', () => {
    const records = see(see([], [met(KEY_A)], 1), [met(KEY_A), met(ANN)], 2);
    expect(records.map(({ how }) => how)).toEqual(['seen', 'seen']);
  });
  it('questions one beside a merely seen signer where another was accepted', () => {
    const known = accept(see([], [met(KEY_A), met(ANN)], 1), ANN, 2);
    expect(see(known, [met(KEY_A), met(KEY_B)], 3).map(({ how }) => how)).toEqual(['seen', 'accepted', 'questioned']);
  });
  it('keeps a key given now rather than the older one, and nothing endless', () => {
    const material = (bytes: string) => ({ kind: 'key', name: 'release.pem', bytes }) as const;
    const long = met(KEY_A, { materials: [material('A'.repeat(200_000)), material('QUJD')] });
    const [seen] = see([], [long], 1);
    expect(seen?.materials).toEqual([material('QUJD')]);
    expect(see([seen!], [met(KEY_A, { materials: [material('WFla')] })], 2)[0]?.materials).toEqual([material('QUJD')]);
  });
  it('can be expected before it was ever met', () => {
    expect(accept([], KEY_A, 1)).toMatchObject([{ how: 'accepted', times: 0, acceptedOn: at(1) }]);
    expect(accept([], KEY_A, 1)[0]).not.toHaveProperty('firstSeen');
  });
});

describe('the order of events', () => {
  type Event = { readonly signer: SignerName; readonly day: number; readonly what: 'see' | 'accept' };
  const signers = [KEY_A, KEY_B, ANN];
  const events = fc.uniqueArray(
    fc.record({
      signer: fc.constantFrom(...signers),
      day: fc.integer({ min: 1, max: 28 }),
      what: fc.constantFrom('see' as const, 'see' as const, 'accept' as const),
    }),
    { selector: ({ day, what }) => `${day} ${what}`, maxLength: 12 },
  );
  const after = (list: readonly Event[], from: readonly SignerRecord[] = []): readonly SignerRecord[] =>
    list.reduce<readonly SignerRecord[]>(
      (records, { signer, day, what }) =>
        what === 'see' ? see(records, [met(signer)], day) : accept(records, signer, day),
      from,
    );
  const facts = (records: readonly SignerRecord[]) =>
    [...records]
      .map(({ signer, firstSeen, lastSeen, times, acceptedOn, how, subject }) => ({
        id: signerId(signer)!,
        firstSeen,
        lastSeen,
        times,
        acceptedOn,
        accepted: how === 'accepted',
        subject,
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));

  it('changes no date, no count, no acceptance and no last place', () => {
    fc.assert(
      fc.property(
        events.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          expect(facts(after(shuffled))).toEqual(facts(after(list)));
        },
      ),
    );
  });
  it('makes the first signer seen, and every later one in its place questioned', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...signers), { minLength: 1, maxLength: 8 }), (order) => {
        const records = order.reduce<SignerRecord[]>((known, one, i) => see(known, [met(one)], i + 1), []);
        for (const { signer, how } of records)
          expect(how).toBe(signerId(signer) === signerId(order[0]!) ? 'seen' : 'questioned');
      }),
    );
  });
  it('of two memories that become one does not matter, and joining again changes nothing', () => {
    fc.assert(
      fc.property(events, events, (left, right) => {
        const [a, b] = [after(left), after(right)];
        const sorted = (records: readonly SignerRecord[]) =>
          [...records].sort((x, y) => (recordId(x) < recordId(y) ? -1 : 1));
        const joined = merged(a, b);
        // Of two places on the same day either may be the last.
        const anywhere = (records: readonly SignerRecord[]) =>
          sorted(records).map((one) => ({ ...one, subject: one.subject !== undefined }));
        expect(anywhere(merged(b, a))).toEqual(anywhere(joined));
        expect(merged(joined, a)).toEqual(joined);
        expect(merged(joined, joined)).toEqual(joined);
        for (const one of a.filter(({ how }) => how === 'accepted'))
          expect(joined.find((record) => recordId(record) === recordId(one))?.how).toBe('accepted');
      }),
    );
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Step } from '../attestation.ts';
import { Steps } from '../steps.ts';
import { checkBundle } from './check-bundle.ts';
import { loadSigstore } from './load.ts';
import { readTrustRoot } from './trust.ts';

const CORPORA = join(import.meta.dirname, '../../../../../../shared/corpora');
const here = existsSync(CORPORA);

/** A real bundle with a log entry, a certificate log and a timestamp. */
const BUNDLE = 'oms-reference/vectors/v1.1.0-sigstore/model.sig';
/** Bundles of the same corpora that were made from a real one and are false. */
const FORGED = [
  'real-forged-log-proof',
  'real-forged-log-proof-no-timestamp',
  'real-no-checkpoint',
  'real-no-trusted-time',
  'real-garbage-media-type',
  'real-no-log-entry',
  'real-entry-of-other-bundle',
  'real-promise-broken',
  'real-payload-changed',
];
type Root = Record<'tlogs' | 'ctlogs' | 'certificateAuthorities' | 'timestampAuthorities', unknown[]>;

const read = (path: string): Uint8Array => new Uint8Array(readFileSync(join(CORPORA, path)));
const NOW = '2030-01-01T00:00:00Z';

/** Steps of the bundle with a changed trust root of a day. */
async function check(
  change: (root: Root) => void,
  { date, now = NOW, bundle = BUNDLE }: { date?: string; now?: string; bundle?: string } = {},
): Promise<readonly Step[]> {
  const engine = await loadSigstore();
  const root = JSON.parse(new TextDecoder().decode(read('sigstore-roots/trusted_root.json'))) as Root;
  change(root);
  const origin = { from: 'given', name: 'root', ...(date === undefined ? {} : { date }) } as const;
  const bytes = new TextEncoder().encode(JSON.stringify(root));
  const steps = new Steps();
  await checkBundle(engine, read(bundle), readTrustRoot(engine, { bytes, origin }), steps, { now });
  return steps.list();
}

const last = (steps: readonly Step[]): readonly [string, string, string | undefined] => {
  const { id, outcome, reason } = steps.at(-1)!;
  return [id, outcome, reason?.code];
};

const nothing = (): void => {};
/** Keeps the form of the list but knows nobody in it. */
const without = {
  certificate: (root: Root) => root.certificateAuthorities.splice(0),
  sct: (root: Root) => root.ctlogs.splice(0),
  log: (root: Root) => root.tlogs.splice(0),
  time: (root: Root) => root.timestampAuthorities.splice(0),
} as const;

describe.skipIf(!here)('a bundle that is newer than the trust root', () => {
  it('holds when the root knows everybody in it', async () => {
    expect((await check(nothing, { date: '2020-01-01' })).every(({ outcome }) => outcome === 'matches')).toBe(true);
  });

  it.each(Object.entries(without))('is left open where it names somebody unknown: %s', async (step, change) => {
    expect(last(await check(change, { date: '2020-01-01' }))).toEqual([
      step,
      'could-not-check',
      'ATTEST_NO_CURRENT_ROOT',
    ]);
  });

  it.each(Object.entries(without))('contradicts when the root is of a later day: %s', async (step, change) => {
    expect(last(await check(change, { date: '2029-01-01' })).slice(0, 2)).toEqual([step, 'contradicts']);
  });

  it.each(Object.entries(without))('contradicts when nobody says how old the root is: %s', async (step, change) => {
    expect(last(await check(change)).slice(0, 2)).toEqual([step, 'contradicts']);
  });

  it('contradicts when it claims to be of tomorrow', async () => {
    const steps = await check(without.log, { date: '2020-01-01', now: '2020-01-02T00:00:00Z' });
    expect(last(steps).slice(0, 2)).toEqual(['log', 'contradicts']);
  });

  it.each(FORGED)('contradicts when it is forged, however old the root: %s', async (id) => {
    const bundle = `sigstore-generated/cases/${id}/bundle.sigstore.json`;
    const steps = await check(nothing, { date: '2020-01-01', bundle });
    expect([id, last(steps)[1]]).toEqual([id, 'contradicts']);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../../bytes/base64.ts';
import { readTimestamp } from '../../../crypto/timestamp.ts';
import { AppError } from '../../../errors.ts';
import type { Attestation } from '../attestation.ts';
import { headersOnly, memoryFolder, type Files } from '../folder.suite.ts';
import { NO_EXPECTATIONS } from '../kind.ts';
import { wasmHashes } from '../../../hash/wasm.ts';
import { CHECKPOINT_CHAIN } from './checkpoint-chain.ts';

/** Made with Python's json and hashlib and with `openssl ts`: two authorities, RSA and ECDSA. */
const FIXTURES = join(import.meta.dirname, '../../../../../fixtures/attestations/checkpoint-chain');
const fixture = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
const STEPS = [0, 500, 1000, 1500];
const WEIGHTS: Files = Object.fromEntries(STEPS.map((step) => [`step${step}/model.safetensors`, `weights ${step}\n`]));
const GOOD: Files = { ...WEIGHTS, 'chain.jsonl': fixture('chain.jsonl') };
/** As Python's hashlib gives it. */
const HEAD = 'sha256:7144c2243d69755587a9f55e170fa71e4b443e0ef77fac0903f36716a9a4cbe5';

async function examine(files: Files, roots: readonly string[] = [], path = 'chain.jsonl'): Promise<Attestation> {
  const folder = memoryFolder(files);
  const [found] = await CHECKPOINT_CHAIN.examine({
    path,
    bytes: await folder.read(path, 1e6),
    folder,
    expect: {
      ...NO_EXPECTATIONS,
      roots: roots.map((name) => ({
        bytes: new TextEncoder().encode(fixture(name)),
        origin: { from: 'given', name },
      })),
    },
    hashes: wasmHashes(),
    now: '2026-11-21T12:00:00.000Z',
    signal: new AbortController().signal,
  });
  return found!;
}

const outcomes = ({ steps }: Attestation): Record<string, string> =>
  Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome]));
const lines = (text: string): string[] => text.trimEnd().split('\n');

describe('a chain of checkpoints', () => {
  it('whose links and files hold matches, and is called unsigned: no signer is named', async () => {
    const found = await examine(GOOD);
    expect(outcomes(found)).toEqual({ bundle: 'matches', chain: 'matches', time: 'no-claim', files: 'matches' });
    expect(found).toMatchObject({ outcome: 'matches', warnings: [], facts: { rule: 'whole', entries: 4, head: HEAD } });
    expect(found.signer).toBeUndefined();
  });

  it('in the form of manifest_chain.py holds, with the caution that a link covers one entry alone', async () => {
    const files = { ...WEIGHTS, 'shallow-chain.jsonl': fixture('shallow-chain.jsonl') };
    const found = await examine(files, [], 'shallow-chain.jsonl');
    expect(found).toMatchObject({ outcome: 'matches', facts: { rule: 'without-link' } });
    expect(found.warnings.map(({ code }) => code)).toEqual(['chain-shallow']);
  });

  it('names the changed file, and leaves open what is not here', async () => {
    const { 'step0/model.safetensors': _, ...rest } = GOOD;
    const found = await examine({ ...rest, 'step500/model.safetensors': 'weights 501\n' });
    expect(outcomes(found)['files']).toBe('contradicts');
    expect(found.files.map(({ state }) => state)).toEqual(['not-checked', 'changed', 'same', 'same']);
  });

  it.each<[string, (text: string[]) => string[]]>([
    ['an entry was edited', (text) => text.map((line, i) => (i === 1 ? line.replace('1e-05', '2e-05') : line))],
    ['two entries changed places', ([a, b, c, d]) => [a!, c!, b!, d!]],
    ['an entry was left out', ([a, b, , d]) => [a!, b!, d!]],
    ['it begins in the middle', ([, ...rest]) => rest],
    [
      'a number is spelt in another way',
      (text) => text.map((line, i) => (i === 2 ? line.replace('1e-05', '0.00001') : line)),
    ],
  ])('is broken when %s', async (_, change) => {
    const found = await examine({ ...GOOD, 'chain.jsonl': change(lines(fixture('chain.jsonl'))).join('\n') });
    const broken = found.steps.find(({ outcome }) => outcome === 'contradicts');
    expect([broken?.id, broken?.reason?.code]).toEqual(['chain', 'ATTEST_CHAIN']);
    expect(found.outcome).toBe('contradicts');
  });

  it('whose anchor names another head contradicts', async () => {
    const anchored = { ...GOOD, 'anchor.json': JSON.stringify({ head: '0'.repeat(64), tokens: [] }) };
    expect(outcomes(await examine(anchored))['time']).toBe('contradicts');
  });

  it('is followed where only headers were read, and its files stay open', async () => {
    const folder = headersOnly(memoryFolder(GOOD));
    const [found] = await CHECKPOINT_CHAIN.examine({
      path: 'chain.jsonl',
      bytes: new TextEncoder().encode(fixture('chain.jsonl')),
      folder,
      expect: NO_EXPECTATIONS,
      hashes: wasmHashes(),
      now: '2026-11-21T12:00:00.000Z',
      signal: new AbortController().signal,
    });
    expect(outcomes(found!)).toMatchObject({ chain: 'matches', files: 'could-not-check' });
  });

  it('names no file outside the folder', async () => {
    const entry = { step: 0, files: [{ path: '../../etc/passwd', sha256: 'a'.repeat(64) }] };
    const found = await examine({ ...WEIGHTS, 'chain.jsonl': JSON.stringify(entry) });
    expect(found.files).toMatchObject([{ state: 'not-checked' }]);
    expect(found.outcome).toBe('could-not-check');
  });

  it('of any bytes never throws and never matches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((t) => new TextEncoder().encode(t)),
        ),
        async (bytes) => {
          expect((await examine({ 'chain.jsonl': bytes })).outcome).not.toBe('matches');
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('timestamps over the head', () => {
  const anchored = { ...GOOD, 'anchor.json': fixture('anchor.json') };

  it('hold by themselves, and whose they are stays open without a root', async () => {
    const found = await examine(anchored);
    expect(outcomes(found)).toMatchObject({ time: 'matches', certificate: 'could-not-check', files: 'matches' });
    expect(found.steps.find(({ id }) => id === 'certificate')?.reason?.code).toBe('ATTEST_NO_ROOT');
    expect(found.outcome).toBe('could-not-check');
  });

  it.each(['root-rsa.pem', 'root-ec.pem'])('lead to %s when that was given', async (root) => {
    const found = await examine(anchored, [root]);
    expect(found.outcome).toBe('matches');
    expect(found.steps.find(({ id }) => id === 'certificate')).toMatchObject({
      outcome: 'matches',
      trust: { from: 'given', name: root },
    });
  });

  it('over something else contradict', async () => {
    const found = await examine({ ...GOOD, 'anchor.json': fixture('anchor-other.json') }, ['root-rsa.pem']);
    expect(outcomes(found)).toMatchObject({ time: 'contradicts', certificate: 'could-not-check' });
  });

  it('of a foreign root contradict: a root that was given is what is expected', async () => {
    const { tokens } = JSON.parse(fixture('anchor.json')) as { tokens: { token: string }[] };
    const rsaOnly = { ...GOOD, 'anchor.json': JSON.stringify({ tokens: [tokens[0]!.token] }) };
    expect(outcomes(await examine(rsaOnly, ['root-ec.pem']))['certificate']).toBe('contradicts');
    expect((await examine(rsaOnly, ['root-rsa.pem'])).outcome).toBe('matches');
  });

  it('do not survive a change of any byte that means something', async () => {
    const { tokens } = JSON.parse(fixture('anchor.json')) as { tokens: { token: string }[] };
    for (const { token } of tokens) {
      const der = fromBase64(token);
      const whole = await readTimestamp(der);
      let same = 0;
      for (let at = 0; at < der.length; at += 7) {
        const changed = der.slice();
        changed[at] = changed[at]! ^ 0x10;
        try {
          const found = await readTimestamp(changed);
          // Certificates beside the signer's, and the status around a token, are not what was signed.
          expect([found.imprint, found.time.getTime(), found.signer.serialNumber]).toEqual([
            whole.imprint,
            whole.time.getTime(),
            whole.signer.serialNumber,
          ]);
          same++;
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }
      expect(same).toBeLessThan(der.length / 7);
    }
  });

  it('of any bytes are refused with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const anchor = JSON.stringify({ tokens: [toBase64(bytes)] });
        const found = await examine({ ...GOOD, 'anchor.json': anchor }, ['root-rsa.pem']);
        expect(outcomes(found)['time']).toBe('contradicts');
      }),
      { numRuns: 100 },
    );
  });
});

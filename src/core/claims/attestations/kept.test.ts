import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { wasmHashes } from '../../hash/wasm.ts';
import type { Attestation } from './attestation.ts';
import { examineWithKept } from './kept.ts';
import { NO_EXPECTATIONS, type AttestedFolder, type Expectations, type Supplied } from './kind.ts';
import { OMS } from './oms/oms.ts';
import { newKey, signed, statementOver } from './oms/sign.suite.ts';

const weights = Buffer.from('weights');
const [ours, other] = [newKey(), newKey()];

const folder: AttestedFolder = {
  files: [{ path: 'model.bin', size: weights.length }],
  digest: async () => createHash('sha256').update(weights).digest('hex'),
  read: async () => weights,
  stream: async function* () {
    yield weights;
  },
};

function kept(name: string, pem: string): Supplied {
  const bytes = new TextEncoder().encode(pem);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, origin: { from: 'given', name, date: '2026-11-01', sha256 } };
}

async function examine(expect: Partial<Expectations>, content = weights): Promise<Attestation> {
  const bytes = signed(statementOver({ 'model.bin': content }), ours);
  const [only] = await examineWithKept(OMS, {
    path: 'model.sig',
    bytes: new Uint8Array(bytes),
    folder,
    expect: { ...NO_EXPECTATIONS, ...expect },
    hashes: wasmHashes(),
    now: '2026-11-21T00:00:00Z',
    signal: new AbortController().signal,
  });
  return only!;
}

const store = (...keys: readonly Supplied[]) => ({ kept: { keys, roots: [], trustedRoots: [] } });

describe('a key that is kept on this device', () => {
  it('is found among others, and the step that relied on it names it, its day and its digest', async () => {
    const right = kept('The publisher', ours.pem);
    const found = await examine(store(kept('Somebody', other.pem), right));
    expect(found).toMatchObject({ outcome: 'matches', signer: { name: 'The publisher' } });
    expect(found.steps.find(({ id }) => id === 'signature')?.trust).toEqual(right.origin);
  });

  it('is no expectation: a signature by another key stays unestablished', async () => {
    const found = await examine(store(kept('Somebody', other.pem)));
    expect(found.outcome).toBe('could-not-check');
    expect(found.steps.map(({ reason }) => reason?.code)).toContain('ATTEST_NO_KEY');
  });

  it('does not take the place of one that is given for this check', async () => {
    const found = await examine({ ...store(kept('The publisher', ours.pem)), keys: [kept('given', other.pem)] });
    expect(found.outcome).toBe('contradicts');
  });

  it('tells that files were changed after its owner signed', async () => {
    const found = await examine(store(kept('The publisher', ours.pem)), Buffer.from('other weights'));
    expect(found).toMatchObject({ outcome: 'contradicts', signer: { name: 'The publisher' } });
  });
});

import { describe, expect, it } from 'vitest';
import { createHash } from 'node:crypto';
import { wasmHashes } from '../../../hash/wasm.ts';
import type { Attestation, Step } from '../attestation.ts';
import { NO_EXPECTATIONS, type Expectations, type Supplied } from '../kind.ts';
import { AICERT } from './aicert.ts';
import { makeProof, replayed, type MadeProof } from './proof.suite.ts';

const EVENTS = [
  JSON.stringify({
    event_type: 'input_image',
    content: { spec: { image_name: 'trainer' }, resolved: { id: 'sha256:aa' } },
  }),
  JSON.stringify({
    event_type: 'input_resource',
    content: { spec: { resource_proto: { resource_type: 'model', repo: 'https://example.org/base', hash: 'c0ffee' } } },
  }),
];
const OUTPUT = new TextEncoder().encode('weights');
const OUTPUTS = [
  JSON.stringify({
    event_type: 'outputs',
    content: [
      { spec: { path: 'out/model.bin' }, resolved: { hash: createHash('sha256').update(OUTPUT).digest('hex') } },
    ],
  }),
];

const given = (value: unknown, name: string): Supplied => ({
  bytes: value instanceof Uint8Array ? value : new TextEncoder().encode(JSON.stringify(value)),
  origin: { from: 'given', name },
});

async function examined(
  { proof, root }: MadeProof,
  more: Partial<Expectations> = {},
  file: Uint8Array = OUTPUT,
): Promise<Attestation> {
  const bytes = new TextEncoder().encode(JSON.stringify(proof));
  const [found] = await AICERT.examine({
    path: 'proof.json',
    bytes,
    folder: {
      files: [
        { path: 'proof.json', size: bytes.length },
        { path: 'model.bin', size: file.length },
      ],
      digest: async () => createHash('sha256').update(file).digest('hex'),
      read: async () => file,
      async *stream() {
        yield file;
      },
    },
    expect: { ...NO_EXPECTATIONS, roots: [given(root, 'root.pem')], ...more },
    hashes: wasmHashes(),
    now: '2026-11-21T10:00:00.000Z',
    signal: new AbortController().signal,
  });
  return found!;
}

const step = ({ steps }: Attestation, id: Step['id']): Step | undefined => steps.find((one) => one.id === id);

describe('a proof of a TPM', () => {
  it('holds in every step that can hold when inputs, outputs and the server were measured where they belong', async () => {
    const made = await makeProof({ events: EVENTS, outputEvents: OUTPUTS, serverCertificate: 'PEM' });
    const found = await examined(made);
    expect(found.steps.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'bundle matches',
      'simulation matches',
      'certificate matches',
      'quote matches',
      'registers matches',
      'event-log matches',
      'freshness could-not-check',
      'os-image could-not-check',
      'files matches',
    ]);
    expect(found.signer?.name).toBe('CN=test-machine');
    expect(step(found, 'certificate')?.trust).toMatchObject({ from: 'given', name: 'root.pem' });
    expect(found.files).toMatchObject([{ path: 'model.bin', state: 'same' }]);
    expect(found.facts['model']).toBe('https://example.org/base at c0ffee');
  });

  it('says that a changed output file is another one', async () => {
    const found = await examined(await makeProof({ events: EVENTS, outputEvents: OUTPUTS }), {}, new Uint8Array(3));
    expect(step(found, 'files')?.outcome).toBe('contradicts');
  });

  it('takes no value from a register that the quote is not over', async () => {
    // The dump is unsigned: a forger may add to it the very register that the events lead to.
    const made = await makeProof({
      events: EVENTS,
      inputs: 16,
      unsigned: { 14: replayed(EVENTS) },
    });
    const found = await examined(made);
    expect(step(found, 'registers')?.outcome).toBe('matches');
    expect(step(found, 'event-log')).toMatchObject({ outcome: 'contradicts', reason: { code: 'ATTEST_EVENTS' } });
    expect(found.facts['register']).toBe('16');
  });

  it('refuses registers of another size, which could hide a shift between neighbours', async () => {
    const short = new Uint8Array(31).fill(7);
    const found = await examined(await makeProof({ events: EVENTS, registers: { 3: short } }));
    expect(step(found, 'registers')).toMatchObject({ outcome: 'contradicts', reason: { code: 'ATTEST_REGISTERS' } });
  });

  it.each([
    ['outputs', { registers: { 8: new Uint8Array(32) }, outputEvents: OUTPUTS }],
    ['the server', { registers: { 15: new Uint8Array(32) }, serverCertificate: 'PEM' }],
    ['inputs', { registers: { 14: new Uint8Array(32) } }],
  ])('contradicts when %s were not measured', async (_, parts) => {
    const found = await examined(await makeProof({ events: EVENTS, ...parts }));
    expect(step(found, 'event-log')?.outcome).toBe('contradicts');
  });

  it('without a root of the person and with an authority that is not the shipped one, nobody vouches', async () => {
    const found = await examined(await makeProof({ events: EVENTS }), { roots: [] });
    expect(step(found, 'certificate')).toMatchObject({
      outcome: 'could-not-check',
      reason: { code: 'ATTEST_NO_ROOT' },
    });
    expect(found.signer).toBeUndefined();
  });

  describe('against expected measurements', () => {
    const boot = new Uint8Array(32).fill(4);
    const hex = Buffer.from(boot).toString('hex');
    const made = makeProof({ events: EVENTS, registers: { 4: boot } });
    const against = async (value: unknown): Promise<Attestation> =>
      examined(await made, { measurements: [given(value, 'measurements.json')] });

    it('the same registers and images match, and say on whose word', async () => {
      const found = await against({ measurements: { 4: hex.toUpperCase() }, containers: { trainer: 'sha256:aa' } });
      expect(step(found, 'os-image')).toMatchObject({ outcome: 'matches', trust: { name: 'measurements.json' } });
      expect(step(found, 'policy')?.outcome).toBe('matches');
    });

    it.each([
      ['another value', { measurements: { 4: '00'.repeat(32) } }, 'os-image'],
      ['a register that was not quoted', { measurements: { 5: '00'.repeat(32) } }, 'os-image'],
      ['another image', { containers: { trainer: 'sha256:bb' } }, 'policy'],
      ['an image nobody expected', { containers: { other: 'sha256:aa' } }, 'policy'],
    ])('%s contradicts', async (_, value, id) => {
      expect(step(await against(value), id as Step['id'])?.outcome).toBe('contradicts');
    });

    it.each([
      { measurements: { 24: hex } },
      { measurements: { 4: 'zz' } },
      { measurements: [hex] },
      { measurements: { 4: 1 } },
      { measurments: {} },
      [],
    ])('a file that cannot be used speaks against nobody: %j', async (value) => {
      expect(step(await against(value), 'os-image')).toMatchObject({
        outcome: 'could-not-check',
        reason: { code: 'ATTEST_POLICY_FILE' },
      });
    });
  });
});

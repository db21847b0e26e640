import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Attestation } from '../attestation.ts';
import { beside } from '../bom/bom.suite.ts';
import { newKey, signed } from '../oms/sign.suite.ts';
import { NO_EXPECTATIONS } from '../kind.ts';
import { IN_TOTO } from './in-toto.ts';

const KEY = newKey();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const FILES = { 'model.bin': 'weights', 'config.json': '{"model_type":"llama","vocab_size":32000}' };

function cyclonedx(hash: string | null, more: object = {}): object {
  const hashes = hash === null ? {} : { hashes: [{ alg: 'SHA-256', content: hash }] };
  const component = {
    type: 'machine-learning-model',
    name: 'm',
    components: [{ type: 'file', name: 'model.bin', ...hashes }],
  };
  return { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component }, ...more };
}

function spdx(hash: string): object {
  const creationInfo = '_:c';
  return {
    '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
    '@graph': [
      {
        type: 'CreationInfo',
        '@id': '_:c',
        created: '2026-01-01T00:00:00Z',
        createdBy: ['urn:p'],
        specVersion: '3.0.1',
      },
      { type: 'Person', spdxId: 'urn:p', creationInfo, name: 'P' },
      {
        type: 'software_File',
        spdxId: 'urn:f',
        creationInfo,
        name: 'model.bin',
        verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: hash }],
      },
    ],
  };
}

async function examine(predicateType: string, predicate: object): Promise<Attestation> {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'model.bin', digest: { sha256: sha256('weights') } }],
    predicateType,
    predicate,
  };
  const bundle = JSON.parse(new TextDecoder().decode(signed(statement as never, KEY))) as { dsseEnvelope: object };
  const input = beside(FILES, JSON.stringify(bundle.dsseEnvelope), { path: 'bom.intoto.json' });
  const origin = { from: 'given', name: 'release.pem' } as const;
  const keys = [{ bytes: new TextEncoder().encode(KEY.pem), origin }];
  const [found] = await IN_TOTO.examine({ ...input, expect: { ...NO_EXPECTATIONS, keys } });
  return found!;
}

const told = ({ steps }: Attestation): string[] => steps.map(({ id, outcome }) => `${id} ${outcome}`);

describe('a bill of materials inside a signed statement', () => {
  it.each(['https://cyclonedx.org/bom', 'https://cyclonedx.org/bom/v1.6'])(
    'of type %s has its hashes compared',
    async (type) => {
      const found = await examine(type, cyclonedx(sha256('weights')));
      expect(found.outcome).toBe('matches');
      expect(told(found).slice(-3)).toEqual(['schema matches', 'files matches', 'consistency no-claim']);
      expect(found.signer?.name).toBe('release.pem');
      expect(found.completeness?.[0]).toMatchObject({ id: 'weightsHashes', counted: [1, 1], present: true });
      expect(found.files.map(({ path, state }) => `${path} ${state}`)).toEqual(['model.bin same']);
    },
  );

  it('contradicts when its hash is another, although the subject fits', async () => {
    const found = await examine('https://cyclonedx.org/bom', cyclonedx(sha256('other')));
    expect(found.outcome).toBe('contradicts');
    expect(told(found)).toContain('files matches');
    expect(told(found)).toContain('files contradicts');
  });

  it('without hashes takes nothing from subjects that fit', async () => {
    const found = await examine('https://cyclonedx.org/bom', cyclonedx(null));
    expect(found.outcome).toBe('matches');
    expect(found.completeness?.[0]).toMatchObject({ present: false, counted: [0, 1] });
  });

  it('that breaks the rules of its standard contradicts at schema', async () => {
    const found = await examine('https://cyclonedx.org/bom', cyclonedx(null, { version: 'one' }));
    expect(found.steps.find(({ outcome }) => outcome === 'contradicts')?.id).toBe('schema');
  });

  it('of a version that is not read is said so and leaves the rest as it is', async () => {
    for (const [type, predicate] of [
      ['https://cyclonedx.org/bom', { bomFormat: 'CycloneDX', specVersion: '1.2', version: 1 }],
      ['https://spdx.dev/Document', { spdxVersion: 'SPDX-2.1' }],
    ] as const) {
      const found = await examine(type, predicate);
      expect(found.outcome).toBe('matches');
      expect(found.steps.at(-1)).toMatchObject({
        id: 'schema',
        outcome: 'no-claim',
        reason: { code: 'ATTEST_NO_READER' },
      });
    }
  });

  it('in the form of SPDX 3 has its hashes compared', async () => {
    const type = 'https://spdx.dev/Document/v3';
    expect((await examine(type, spdx(sha256('weights')))).outcome).toBe('matches');
    expect((await examine(type, spdx(sha256('other')))).outcome).toBe('contradicts');
    expect((await examine(type, { '@context': 'x' })).outcome).toBe('contradicts');
  });

  it('is not looked for in predicates of another type', async () => {
    const found = await examine('https://example.org/bom', cyclonedx(sha256('other')));
    expect(found.outcome).toBe('matches');
    expect(found.completeness).toBeUndefined();
  });
});

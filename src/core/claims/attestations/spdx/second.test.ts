import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Attestation } from '../attestation.ts';
import { beside } from '../bom/bom.suite.ts';
import { SPDX } from './spdx.ts';

type Json = Record<string, unknown>;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function examine(value: Json): Promise<Attestation> {
  const [found] = await SPDX.examine(
    beside({ 'model.bin': 'weights' }, JSON.stringify(value), { path: 'bill.spdx.json' }),
  );
  return found!;
}

describe('an SPDX document of version 2.3', () => {
  const old = (more: Json = {}, fileMore: Json = {}): Json => ({
    spdxVersion: 'SPDX-2.3',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'a bill',
    dataLicense: 'CC0-1.0',
    documentNamespace: 'https://example.org/bill',
    creationInfo: { created: '2026-01-01T00:00:00Z', creators: ['Tool: none'] },
    packages: [
      {
        SPDXID: 'SPDXRef-Package',
        name: 'tiny',
        downloadLocation: 'NOASSERTION',
        licenseDeclared: 'MIT',
        licenseConcluded: 'NOASSERTION',
        checksums: [{ algorithm: 'SHA256', checksumValue: sha256('an archive') }],
      },
    ],
    files: [
      {
        SPDXID: 'SPDXRef-File',
        fileName: './model.bin',
        checksums: [{ algorithm: 'SHA256', checksumValue: sha256('weights') }],
        ...fileMore,
      },
    ],
    ...more,
  });

  it('has the checksums of its files compared, never those of its packages', async () => {
    const found = await examine(old());
    expect(found.outcome).toBe('matches');
    expect(found.files).toMatchObject([{ path: 'model.bin', state: 'same' }]);
    expect(found.facts).toMatchObject({ specVersion: '2.3', hashes: 2 });
    expect(found.completeness!.filter(({ present }) => present).map(({ id }) => id)).toContain('licenses');
    expect(found.completeness!.find(({ id }) => id === 'licenses')?.says).toBe('MIT');
    const other = { checksums: [{ algorithm: 'SHA256', checksumValue: sha256('other') }] };
    const changed = await examine(old({}, other));
    expect(changed.steps.find(({ outcome }) => outcome === 'contradicts')?.reason?.code).toBe('ATTEST_BILL_FILES');
    expect(
      SPDX.wants!(new TextEncoder().encode(JSON.stringify(old({}, { checksums: [{ algorithm: 'SHA512' }] })))),
    ).toEqual(['sha512']);
  });

  it.each<[string, Json, Json, string]>([
    ['no time', { creationInfo: { creators: ['x'] } }, {}, 'creationInfo.created'],
    ['no maker', { creationInfo: { created: '2026-01-01T00:00:00Z' } }, {}, 'creationInfo.creators'],
    ['no namespace', { documentNamespace: 7 }, {}, 'document'],
    ['files that are no list', { files: {} }, {}, 'files'],
    ['a file without a name', {}, { fileName: null }, 'files[0]'],
    ['a file without checksums', {}, { checksums: [] }, 'files[0].checksums'],
    [
      'a checksum of no known kind',
      {},
      { checksums: [{ algorithm: 'sha256', checksumValue: 'ff' }] },
      'files[0].checksums[0]',
    ],
    ['a checksum in capitals', {}, { checksums: [{ algorithm: 'MD5', checksumValue: 'FF' }] }, 'files[0].checksums[0]'],
    ['an identifier of another form', {}, { SPDXID: 'File' }, 'files[0]'],
  ])('with %s breaks its rules', async (_, more, fileMore, where) => {
    const schema = (await examine(old(more, fileMore))).steps.find(({ id }) => id === 'schema');
    expect(schema?.reason).toMatchObject({ code: 'ATTEST_SCHEMA', detail: { where } });
  });
});

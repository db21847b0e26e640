import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { hubPublisher, suggestedPublisher } from './publisher.ts';
import { file, report } from './situation.suite.ts';
import { formatSignerFile, readSignerFile, type SignerFile } from './signer-file.ts';
import type { SignerRecord } from './signer-memory.ts';

const DAY = '2026-05-03T10:00:00.000Z';
const RECORD: SignerRecord = {
  publisher: 'Org',
  signer: { method: 'key', name: 'release.pem', key: 'a'.repeat(64) },
  attestations: ['oms'],
  how: 'accepted',
  firstSeen: DAY,
  lastSeen: DAY,
  times: 1,
  acceptedOn: DAY,
  subject: { name: 'org/model', repo: 'org/model', commit: 'b'.repeat(40) },
  materials: [{ kind: 'key', name: 'release.pem', bytes: 'QUJD' }],
};
const SEEN: SignerRecord = {
  publisher: 'Org',
  signer: { method: 'sigstore', name: 'ann@example.org', issuer: 'https://issuer.example' },
  attestations: [],
  how: 'seen',
  firstSeen: DAY,
  lastSeen: DAY,
  times: 3,
  materials: [],
};
const FILE: SignerFile = {
  signers: [RECORD, SEEN],
  policies: [{ publisher: 'Org', policy: '{"source":"github.com/org/x"}', acceptedOn: DAY }],
};
/** The file with one member of its first signer, or of itself, changed. */
const changed = (change: Record<string, unknown>, whole: Record<string, unknown> = {}): string => {
  const value = JSON.parse(formatSignerFile({ ...FILE, signers: [RECORD] })) as { signers: object[] };
  return JSON.stringify({ ...value, signers: [{ ...value.signers[0], ...change }], ...whole });
};
const why = (text: string): unknown => {
  try {
    readSignerFile(text);
    return null;
  } catch (error) {
    return error instanceof AppError && error.code === 'ATTEST_MEMORY_FILE' ? error.detail['why'] : error;
  }
};

describe('a file of remembered signers', () => {
  it('reads back as it was written, in whatever order it was kept', () => {
    const read = readSignerFile(formatSignerFile(FILE));
    expect([...read.signers].sort((a) => (a.how === 'accepted' ? -1 : 1))).toEqual(FILE.signers);
    expect(read.policies).toEqual(FILE.policies);
    expect(formatSignerFile({ ...FILE, signers: [SEEN, RECORD] })).toBe(formatSignerFile(FILE));
  });
  it.each<[string, string, string]>([
    ['no JSON', '{', 'it is no JSON'],
    ['another format', changed({}, { format: 'other' }), 'at format'],
    ['a newer version', changed({}, { version: 2 }), 'at version'],
    ['a member nobody knows', changed({ trusted: true }), 'at signers.0.trusted'],
    ['a signer without anything to tell it by', changed({ signer: { method: 'key', name: 'x' } }), 'at signers.0'],
    [
      'a key that is no digest',
      changed({ signer: { ...RECORD.signer, key: 'A'.repeat(64) } }),
      'at signers.0.signer.key',
    ],
    ['accepted without a day', changed({ acceptedOn: undefined }), 'at signers.0'],
    ['a day of acceptance without acceptance', changed({ how: 'seen' }), 'at signers.0'],
    ['met without days', changed({ firstSeen: undefined }), 'at signers.0'],
    ['days in the wrong order', changed({ firstSeen: '2027-01-01T00:00:00Z' }), 'at signers.0'],
    ['a count that is none', changed({ times: -1 }), 'at signers.0.times'],
    ['a time that is none', changed({ acceptedOn: 'yesterday' }), 'at signers.0.acceptedOn'],
    ['a publisher in disguise', changed({ publisher: 'goo\u202egle' }), 'at signers.0.publisher'],
    ['a publisher with blanks around it', changed({ publisher: ' org' }), 'at signers.0.publisher'],
    [
      'a key that is no base64',
      changed({ materials: [{ kind: 'key', name: 'x', bytes: '§' }] }),
      'at signers.0.materials.0.bytes',
    ],
    [
      'five keys',
      changed({ materials: Array.from({ length: 5 }, () => RECORD.materials[0]) }),
      'at signers.0.materials',
    ],
    ['a signer twice', changed({}, { signers: [RECORD, { ...RECORD, publisher: 'oRG' }] }), 'it lists a signer twice'],
    ['too many signers', changed({}, { signers: Array.from({ length: 5001 }, () => RECORD) }), 'at signers'],
    [
      'a policy without a publisher',
      changed({}, { policies: [{ policy: '{}', acceptedOn: DAY }] }),
      'at policies.0.publisher',
    ],
  ])('with %s is refused whole', (_, text, reason) => {
    expect(why(text)).toBe(reason);
  });
  it('is never anything but read or refused, whatever its bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.jsonValue().map((v) => changed({ signer: v })),
        ),
        (text) => {
          expect(why(text)).not.toBeInstanceOf(Error);
        },
      ),
    );
  });
});

describe('whose model it is', () => {
  it.each([
    ['org/name', undefined, 'org'],
    ['gpt2', undefined, null],
    [undefined, undefined, null],
    ['org/name', 'https://huggingface.co', 'org'],
    ['org/name', 'https://hub.example:8443/', 'hub.example:8443/org'],
  ])('%s at %s is of %s', (repo, endpoint, publisher) => {
    expect(hubPublisher(repo, endpoint)).toBe(publisher);
  });

  const stating = (repo: string) =>
    ({
      axis: 'bytes',
      kind: 'stated-origin',
      outcome: 'no-claim',
      source: { kind: 'layout', name: repo, independent: false },
      detail: { repo },
    }) as const;
  const gguf = (value: string) =>
    file('a.gguf', 'x', { metadata: [{ key: 'general.source.huggingface.repository', type: 'string', value }] });

  it('is offered when the files name one namespace, by folder or metadata', () => {
    expect(suggestedPublisher(report([file('a.gguf', 'x')], { extra: [stating('org/name')] }))).toBe('org');
    expect(suggestedPublisher(report([gguf('https://huggingface.co/org/other')]))).toBe('org');
    expect(suggestedPublisher(report([file('a.gguf', 'x')]), ['Org/name'])).toBe('Org');
  });
  it('is not offered when they name several, or none, or a path', () => {
    expect(suggestedPublisher(report([gguf('org/x')], { extra: [stating('other/name')] }))).toBeNull();
    expect(suggestedPublisher(report([file('a.gguf', 'x')]), ['/home/me/model', './out', 'gpt2'])).toBeNull();
    expect(suggestedPublisher(report([gguf('org/'.repeat(200))]))).toBeNull();
  });
});

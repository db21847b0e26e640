import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HubSnapshot } from '../hub/ref.ts';
import type { Check } from './check.ts';
import type { Claim } from './claim.ts';
import { compareClaims } from './compare.ts';
import type { Evidence } from './evidence.ts';
import { evidence, gitBlob, md5, sha256, unread } from './evidence.suite.ts';
import { claimOfSnapshot } from './hub.ts';
import { parseAgainstText } from './registry.ts';
import { parseGgufHashFile } from './gguf-hash.ts';
import { parseSumsFile } from './sums.ts';

const line = (path: string, text: string): string => `${sha256(text)}  ${path}\n`;
const list = (...lines: string[]): Claim => parseSumsFile(lines.join(''), 'SHA256SUMS');
/** Everything a check says, without what it says it about more than once. */
const brief = ({ kind, outcome, path, tensor, algorithm, detail = {} }: Check): string =>
  [kind, outcome, path, tensor, algorithm, ...Object.entries(detail).map(([k, v]) => `${k}=${v}`)]
    .filter(Boolean)
    .join(' ');
const compare = (claim: Claim | Claim[], ...files: Evidence[]): string[] =>
  compareClaims(Array.isArray(claim) ? claim : [claim], files).map(brief);

const snapshot: HubSnapshot = {
  repo: 'org/name',
  commit: 'a1b2c3d'.padEnd(40, '0'),
  read: '2026-11-20T00:00:00.000Z',
  files: [
    { path: '.gitattributes', size: 5, blobId: gitBlob('attrs') },
    { path: 'config.json', size: 6, blobId: gitBlob('config') },
    { path: 'model.safetensors', size: 7, blobId: '1'.repeat(40), sha256: sha256('weights') },
    { path: 'other.bin', size: 5, blobId: '2'.repeat(40), sha256: sha256('other') },
  ],
};

describe('a checksum list', () => {
  it('matches by digest and contradicts with both digests', () => {
    const [same, differs] = compareClaims(
      [list(line('a.bin', 'A'), line('b.bin', 'B'))],
      [evidence('a.bin', 'A'), evidence('b.bin', 'X')],
    );
    expect(same).toMatchObject({ id: 'bytes/sums/file-digest/a.bin/sha256', outcome: 'matches', actual: sha256('A') });
    expect(differs).toMatchObject({ outcome: 'contradicts', expected: sha256('B'), actual: sha256('X') });
  });
  it('speaks of files by another path when only one can be meant, and says so', () => {
    expect(compare(list(line('dist/a.bin', 'A')), evidence('a.bin', 'A'), evidence('c.json', 'C'))).toEqual([
      'file-digest matches a.bin sha256 listedAs=dist/a.bin',
    ]);
  });
  it('names a file that has the bytes under another name', () => {
    expect(
      compare(list(line('a.bin', 'A'), line('b.bin', 'B')), evidence('renamed.bin', 'A'), evidence('b.bin', 'B')),
    ).toEqual(['file-digest matches b.bin sha256', 'file-digest matches renamed.bin sha256 listedAs=a.bin']);
  });
  it('two files that changed places are told so', () => {
    expect(
      compare(list(line('a.bin', 'A'), line('b.bin', 'B')), evidence('a.bin', 'B'), evidence('b.bin', 'A')),
    ).toEqual([
      'file-digest contradicts a.bin sha256 cause=swapped twin=b.bin sizeHere=1',
      'file-digest contradicts b.bin sha256 cause=swapped twin=a.bin sizeHere=1',
    ]);
  });
  it('in a folder, a listed file that is not here could not be checked', () => {
    expect(
      compare(list(line('a.bin', 'A'), line('b.bin', 'B')), evidence('a.bin', 'A'), evidence('c.json', 'C')),
    ).toEqual(['file-digest matches a.bin sha256', 'file-missing could-not-check b.bin']);
  });
  it('for one file alone, the rest of the list is a remark', () => {
    expect(compare(list(line('a.bin', 'A'), line('b.bin', 'B'), line('c', 'C')), evidence('a.bin', 'A'))).toEqual([
      'file-digest matches a.bin sha256',
      'file-missing no-claim files=2 more=false',
    ]);
  });
  it('a weight file that it does not list is named', () => {
    expect(compare(list(line('a.bin', 'A')), evidence('a.bin', 'A'), evidence('b.bin', 'B'))).toEqual([
      'file-digest matches a.bin sha256',
      'file-unclaimed no-claim b.bin',
    ]);
  });
  it('a guess of the algorithm is carried into the check', () => {
    expect(compare(parseSumsFile(line('a.bin', 'A'), 'checksums.txt'), evidence('a.bin', 'X'))).toEqual([
      'file-digest contradicts a.bin sha256 assumed=true cause=unknown sizeHere=1',
    ]);
  });
  it('does not compare itself, and its lines that were not used are rows', () => {
    const claim = list(line('a.bin', 'A'), 'what is this\n', line('../x', 'X'), line('SHA256SUMS', 'S'));
    expect(
      compare(claim, evidence('a.bin', 'A'), evidence('c', 'C'), evidence('SHA256SUMS', 'S', { role: 'claim' })),
    ).toEqual([
      'claim-line could-not-check ../x line=3',
      'claim-skipped no-claim lines=1 line=2 text=what is this',
      'file-digest matches a.bin sha256',
      'file-missing could-not-check SHA256SUMS',
    ]);
  });
  it('a file that was not read could not be checked, with the reason', () => {
    const failed = unread('a.bin', 1, 'failed', { error: { code: 'SOURCE_CHANGED', detail: {} } });
    const [check] = compareClaims([list(line('a.bin', 'A'))], [failed]);
    expect(check).toMatchObject({ outcome: 'could-not-check', reason: { code: 'SOURCE_CHANGED' } });
  });
  it('at header depth, one row says that nothing was compared', () => {
    expect(
      compare(
        list(line('a.bin', 'A'), line('b.bin', 'B')),
        unread('a.bin', 1, 'headers-only'),
        unread('b.bin', 1, 'headers-only'),
      ),
    ).toEqual(['file-digest could-not-check depth=headers files=2']);
  });
});

describe('a digest without a name', () => {
  const pasted = (text: string): Claim => parseAgainstText(text, 'the digest you pasted');
  it('matches the one file, whatever it is called', () => {
    expect(compare(pasted(sha256('A')), evidence('x.bin', 'A'))).toEqual([
      'file-digest matches x.bin sha256 assumed=true',
    ]);
    expect(compare(pasted(`md5:${md5('A')}`), evidence('x.bin', 'A'))).toEqual(['file-digest matches x.bin md5']);
  });
  it('contradicts the one weight file among others, with both digests', () => {
    const checks = compareClaims([pasted(`sha256:${sha256('A')}`)], [evidence('x.bin', 'B'), evidence('c.json', 'C')]);
    expect(checks).toMatchObject([
      { kind: 'file-digest', outcome: 'contradicts', path: 'x.bin', expected: sha256('A'), actual: sha256('B') },
    ]);
  });
  it('is looked for among all files, and that none has it is a contradiction', () => {
    expect(compare(pasted(`sha256:${sha256('A')}`), evidence('x.bin', 'B'), evidence('y.bin', 'A'))).toEqual([
      'file-digest matches y.bin sha256',
      'file-unclaimed no-claim x.bin',
    ]);
    expect(compare(pasted(`sha256:${sha256('A')}`), evidence('x.bin', 'B'), evidence('y.bin', 'C'))).toEqual([
      'digest-nowhere contradicts sha256 digests=1 files=2',
    ]);
  });
  it('is not called absent while a file could not be read', () => {
    expect(compare(pasted(`sha256:${sha256('A')}`), evidence('x.bin', 'B'), unread('y.bin', 3))).toEqual([
      'digest-nowhere could-not-check sha256 digests=1 files=2',
    ]);
  });
  it('of several, one that fits is enough; digests of another algorithm have to fit too', () => {
    const both = `sha256:${sha256('A')} sha256:${sha256('Z')}`;
    expect(compare(pasted(both), evidence('x.bin', 'A'))).toEqual([
      'file-digest matches x.bin sha256',
      'file-missing no-claim sha256 digests=1 files=1 label=',
    ]);
    expect(compare(pasted(`sha256:${sha256('A')} md5:${md5('Z')}`), evidence('x.bin', 'A'))).toEqual([
      'file-digest matches x.bin sha256',
      'file-digest contradicts x.bin md5 cause=unknown sizeHere=1',
    ]);
  });
});

describe('a repository', () => {
  const hub = claimOfSnapshot(snapshot, false);
  it('is compared file by file; what is missing or extra is listed apart and contradicts nothing', () => {
    expect(
      compare(
        hub,
        evidence('model.safetensors', 'weights'),
        evidence('config.json', 'config'),
        evidence('notes.txt', 'mine'),
      ),
    ).toEqual([
      'file-digest matches config.json git-blob-sha1',
      'file-digest matches model.safetensors sha256',
      'file-missing no-claim other.bin',
      'file-extra no-claim notes.txt',
    ]);
  });
  it('bookkeeping is neither missing nor extra, and is compared where it is listed', () => {
    const files = [
      evidence('model.safetensors', 'weights'),
      evidence('config.json', 'config'),
      evidence('other.bin', 'other'),
    ];
    const noise = [evidence('.cache/huggingface/x.metadata', 'x'), evidence('.DS_Store', 'x')];
    const outcomes = compare(hub, ...files, ...noise).map((text) => text.split(' ')[0]);
    expect(outcomes).toEqual(['file-digest', 'file-digest', 'file-digest']);
    expect(compare(hub, ...files, evidence('.gitattributes', 'attrs'))).toContain(
      'file-digest matches .gitattributes git-blob-sha1',
    );
  });
  it('is found below a folder that holds it', () => {
    const at = 'models--org--name/snapshots/abc';
    expect(
      compare(hub, evidence(`${at}/model.safetensors`, 'weights'), evidence(`${at}/config.json`, 'config')),
    ).toEqual([
      `file-digest matches ${at}/config.json git-blob-sha1 listedAs=config.json`,
      `file-digest matches ${at}/model.safetensors sha256 listedAs=model.safetensors`,
      'file-missing no-claim other.bin',
    ]);
  });
  it('says by the size what probably happened', () => {
    expect(compare(hub, evidence('model.safetensors', 'wei'), evidence('config.json', 'config'))).toContain(
      'file-digest contradicts model.safetensors sha256 cause=shorter sizeHere=3 sizeStated=7',
    );
    expect(compare(hub, evidence('model.safetensors', 'WEIGHTS'), evidence('config.json', 'config'))).toContain(
      'file-digest contradicts model.safetensors sha256 cause=same-size sizeHere=7 sizeStated=7',
    );
    const page = evidence('model.safetensors', '<!doctype html>', { notAModel: { kind: 'html' } });
    expect(compare(hub, page, evidence('config.json', 'config'))).toContain(
      'file-digest contradicts model.safetensors sha256 cause=instead instead=html sizeHere=15 sizeStated=7',
    );
  });
  it('an equal size is never a match, and another size contradicts without a digest', () => {
    expect(
      compare(hub, unread('model.safetensors', 7, 'headers-only'), unread('config.json', 6, 'headers-only')),
    ).toEqual(['file-digest could-not-check depth=headers files=2']);
    expect(
      compare(hub, unread('model.safetensors', 3, 'headers-only'), unread('config.json', 6, 'headers-only')),
    ).toEqual([
      'file-size contradicts model.safetensors cause=shorter sizeHere=3 sizeStated=7',
      'file-digest could-not-check depth=headers files=2',
    ]);
  });
  it('one file under another name is recognised by its bytes', () => {
    expect(compare(hub, evidence('download (1).safetensors', 'weights'))).toEqual([
      'file-digest matches download (1).safetensors sha256 listedAs=model.safetensors',
      'file-missing no-claim files=2 more=false',
    ]);
  });
  it('one file that equals nothing there, by name or bytes, contradicts', () => {
    expect(compare(hub, evidence('mine.safetensors', 'mine'))).toEqual([
      'file-missing no-claim files=3 more=false',
      'digest-nowhere contradicts mine.safetensors sha256 listed=4',
    ]);
  });
  it('by one file of it, compares that with the only file here', () => {
    const one = claimOfSnapshot(snapshot, false, 'model.safetensors');
    expect(compare(one, evidence('x.gguf', 'weights'))).toEqual([
      'file-digest matches x.gguf sha256 listedAs=model.safetensors',
    ]);
    expect(compare(one, evidence('x.gguf', 'w'))).toEqual([
      'file-digest contradicts x.gguf sha256 listedAs=model.safetensors cause=shorter sizeHere=1 sizeStated=7',
    ]);
  });
});

describe('tensors', () => {
  const tensors = ['a', 'b', 'c'].map((name) => ({ name }));
  const digests = ['A', 'B', 'C'].map(sha256);
  const file = (extra: readonly string[]): Evidence =>
    evidence('m.gguf', 'x', { tensors, tensorExtra: { sha256: extra }, tensorData: { sha256: sha256('ABC') } });
  const manifest = (...rows: [string, string][]): Claim =>
    parseGgufHashFile(rows.map(([name, text]) => `sha256    ${sha256(text)}  ${name}\n`).join(''), 'm.gguf.manifest');
  it('that match are one row with their number, and all data together is another', () => {
    const claim = manifest(['m.gguf:a', 'A'], ['m.gguf:b', 'B'], ['m.gguf:c', 'C'], ['m.gguf', 'ABC']);
    expect(compare(claim, file(digests))).toEqual([
      'tensor-data-digest matches m.gguf sha256',
      'tensor-digest matches m.gguf sha256 tensors=3 listed=3',
    ]);
  });
  it('that differ or are not there are rows of their own', () => {
    const claim = manifest(['m.gguf:a', 'A'], ['m.gguf:b', 'X'], ['m.gguf:z', 'Z'], ['m.gguf', 'AXC']);
    expect(compare(claim, file(digests))).toEqual([
      'tensor-data-digest contradicts m.gguf sha256',
      'tensor-digest contradicts m.gguf b sha256',
      'tensor-missing contradicts m.gguf z sha256',
      'tensor-digest matches m.gguf sha256 tensors=1 listed=3',
    ]);
  });
  it('that could not be digested could not be checked', () => {
    expect(compare(manifest(['m.gguf:a', 'A'], ['m.gguf:b', 'B']), file(['', '', '']))).toEqual([
      'tensor-digest could-not-check m.gguf sha256 tensors=2',
    ]);
    expect(compare(manifest(['m.gguf:a', 'A']), evidence('m.gguf', 'x'))).toEqual([
      'tensor-digest could-not-check m.gguf sha256 tensors=1',
    ]);
  });
  it('ten thousand that differ are a hundred rows and a number', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ name: `t${i}` }));
    const claim = manifest(...many.map(({ name }): [string, string] => [`m.gguf:${name}`, name]));
    const wrong = evidence('m.gguf', 'x', { tensors: many, tensorExtra: { sha256: many.map(() => sha256('wrong')) } });
    const checks = compare(claim, wrong);
    expect(checks).toHaveLength(101);
    expect(checks.at(-1)).toBe('tensor-digest contradicts m.gguf sha256 tensors=9900 more=true');
  });
});

describe('whatever is compared', () => {
  const files = fc.uniqueArray(
    fc.record({
      path: fc.constantFrom('a.bin', 'b.bin', 'x/a.bin', 'c.json', 'd'),
      text: fc.constantFrom('A', 'B', 'C'),
    }),
    {
      selector: (f) => f.path,
      maxLength: 5,
    },
  );
  const claims = fc.array(
    fc.oneof(
      files.filter((f) => f.length > 0).map((f) => list(...f.map(({ path, text }) => line(path, text)))),
      fc.constantFrom('A', 'B', 'Z').map((text) => parseAgainstText(sha256(text), 'pasted')),
      files.map((f) =>
        claimOfSnapshot(
          {
            ...snapshot,
            files: f.map(({ path, text }) => ({ path, size: 1, blobId: gitBlob(text), sha256: sha256(text) })),
          },
          false,
        ),
      ),
    ),
    { maxLength: 3 },
  );
  it('ids are unique, a match has equal digests, a contradiction of digests has different ones', () => {
    fc.assert(
      fc.property(claims, files, (stated, here) => {
        const checks = compareClaims(
          stated,
          here.map(({ path, text }) => evidence(path, text)),
        );
        expect(new Set(checks.map((c) => c.id)).size).toBe(checks.length);
        for (const { kind, outcome, expected, actual } of checks) {
          if (kind !== 'file-digest') continue;
          if (outcome === 'matches') expect(actual).toBe(expected);
          if (outcome === 'contradicts') expect(actual).not.toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });
  it('nothing matches when nothing was read', () => {
    fc.assert(
      fc.property(
        claims,
        files,
        fc.constantFrom('aborted', 'failed', 'headers-only', 'not-read') as fc.Arbitrary<Evidence['status']>,
        (stated, here, status) => {
          const checks = compareClaims(
            stated,
            here.map(({ path }) => unread(path, 1, status)),
          );
          expect(checks.filter((c) => c.outcome === 'matches')).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

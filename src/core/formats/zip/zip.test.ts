import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import { AppError } from '../../errors.ts';
import { findEntry, openZip, type ZipArchive } from './archive.ts';
import { crc32 } from './crc32.ts';
import { readEntry, readEntryAnyway, readEntryHead, streamEntry } from './read.ts';
import { makeZip, type ArchivePlan, type EntryPlan } from './write.suite.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const A: EntryPlan = { name: 'a/data.pkl', data: ascii('hello') };
const B: EntryPlan = { name: 'a/data/0', data: Uint8Array.from({ length: 1000 }, (_, i) => i % 251), deflate: true };

function open(entries: readonly EntryPlan[], plan: ArchivePlan = {}): Promise<ZipArchive> {
  return openZip(new MemorySource('x.zip', makeZip(entries, plan)));
}
const problems = (archive: ZipArchive): string[] => archive.problems.map((problem) => problem.code);
const codes = (archive: ZipArchive): string[] => archive.findings.map((finding) => finding.code);
async function refusal(run: Promise<unknown>): Promise<string | undefined> {
  try {
    await run;
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

describe('crc32', () => {
  it('is the check value of the standard, in one piece and in any pieces', () => {
    expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, cut) => {
        const at = bytes.length === 0 ? 0 : cut % bytes.length;
        expect(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at)))).toBe(crc32(bytes));
      }),
    );
  });
});

describe('an ordinary archive', () => {
  it.each([
    ['plain', {}],
    ['sums behind the data', { descriptor: true }],
    ['64-bit fields', { zip64: true }],
    ['filling for alignment', { filling: 60 }],
  ] as const)('%s: entries, places and content', async (_, more) => {
    const archive = await open([
      { ...A, ...more },
      { ...B, ...more },
    ]);
    expect(problems(archive)).toEqual([]);
    expect(codes(archive)).toEqual([]);
    expect(archive.gaps).toEqual([]);
    const entry = findEntry(archive, 'a/data/0')!;
    expect(await readEntry(archive.source, entry)).toEqual(B.data);
    expect(await readEntryHead(archive.source, entry, 16)).toEqual(B.data.subarray(0, 16));
    const { dataStart, dataEnd } = archive.entries[0]!;
    expect(await archive.source.read(dataStart, dataEnd)).toEqual(A.data);
  });

  it('may have a comment and stand behind other bytes, counted in or not', async () => {
    for (const relative of [true, false]) {
      const archive = await open([A, B], { comment: ascii('note'), prefix: ascii('#!/bin/sh\n'), relative });
      expect(problems(archive)).toEqual([]);
      expect(archive.comment).toBe('note');
      expect(archive.gaps).toEqual([{ start: 0, end: 10, where: 'before' }]);
      expect(await readEntry(archive.source, archive.entries[0]!)).toEqual(A.data);
    }
  });

  it('survives a round trip whatever the entries are', async () => {
    const entry = fc
      .record({
        name: fc.stringMatching(/^[a-z]{1,8}\/[a-z0-9]{1,8}$/),
        data: fc.uint8Array({ maxLength: 500 }),
        deflate: fc.boolean(),
        descriptor: fc.boolean(),
        zip64: fc.boolean(),
        filling: fc.integer({ min: 0, max: 70 }),
      })
      .map((e) => ({ ...e, descriptor: e.descriptor && !e.zip64 }));
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(entry, { maxLength: 6, selector: (e) => e.name.toLowerCase() }),
        async (entries) => {
          const archive = await open(entries);
          expect(problems(archive)).toEqual([]);
          for (const [i, located] of archive.entries.entries())
            expect(await readEntry(archive.source, located)).toEqual(entries[i]!.data);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('what two readers would see differently', () => {
  it.each([
    ['the name', { local: { name: 'a/other.pkl' } }],
    ['the method', { local: { method: 8 } }],
    ['the flags', { local: { flags: 1 } }],
    ['the size', { local: { size: 4 } }],
    ['the checksum', { local: { crc: 1 } }],
  ] as const)('%s in the local header', async (_, more) => {
    const archive = await open([{ ...A, ...more }]);
    expect(codes(archive)).toEqual(['zip-inconsistent']);
    expect(await readEntry(archive.source, archive.entries[0]!)).toEqual(A.data);
  });

  it('names that repeat, or differ in case or behind a NUL', async () => {
    expect(codes(await open([A, A]))).toEqual(['duplicate-entry']);
    expect(codes(await open([A, { ...A, name: 'A/DATA.PKL' }]))).toEqual(['zip-ambiguous']);
    expect(codes(await open([A, { ...A, name: 'a/data.pkl\0.txt' }]))).toEqual(['path-traversal', 'zip-ambiguous']);
  });

  it('the last of two entries of one name is the one that counts, as in CPython', async () => {
    const archive = await open([A, { ...A, data: ascii('second') }]);
    expect(await readEntry(archive.source, findEntry(archive, A.name)!)).toEqual(ascii('second'));
  });

  it('a second end record in the comment; an archive stored inside is none', async () => {
    const end = makeZip([]);
    const archive = await open([A], { comment: new Uint8Array(Buffer.concat([ascii('x'), end])) });
    expect(codes(archive)).toEqual(['zip-ambiguous']);
    expect(archive.entries.length).toBe(1);
    expect(codes(await open([{ name: 'inner.zip', data: makeZip([A]) }]))).toEqual([]);
  });

  it('an entry that the directory leaves out is a gap', async () => {
    const archive = await open([A, { ...A, name: 'a/hidden.pkl', hidden: true }, B]);
    expect(archive.entries.map((entry) => entry.name)).toEqual([A.name, B.name]);
    expect(archive.gaps).toMatchObject([{ where: 'between' }]);
  });

  it('bytes behind the end', async () => {
    expect((await open([A], { suffix: ascii('appended') })).gaps).toMatchObject([{ where: 'after' }]);
  });
});

describe('names and links', () => {
  it.each(['../x', 'a/../../x', '/etc/x', 'C:\\x', 'a\\..\\x', 'c:x', 'a\0b'])('%j leads out', async (name) => {
    expect(codes(await open([{ ...A, name }]))).toEqual(['path-traversal']);
  });
  it.each(['a/..b', 'a/b..c', '...', 'a.b/c'])('%j does not', async (name) => {
    expect(codes(await open([{ ...A, name }]))).toEqual([]);
  });
  it('a symbolic link is told by its Unix mode', async () => {
    expect(codes(await open([{ ...A, attributes: 0o120777 * 0x10000 }]))).toEqual(['symlink']);
    expect(codes(await open([{ ...A, attributes: 0o100644 * 0x10000 }]))).toEqual([]);
  });
});

describe('what a careful reader refuses', () => {
  it('overlapping entries, and a bomb of them', async () => {
    const first = makeZip([A]);
    const overlapping = await open([A, { ...B, central: { offset: 0 } }]);
    expect(problems(overlapping)).toContain('FORMAT_OVERLAP');
    expect(first.length).toBeGreaterThan(0);
    const zeros = new Uint8Array(1024 * 1024);
    const bomb = { name: 'a', data: zeros, deflate: true };
    const many = Array.from({ length: 100 }, (_, i) =>
      i === 0 ? bomb : { ...bomb, name: `n${i}`, central: { offset: 0 } },
    );
    expect(problems(await open(many))[0]).toBe('FORMAT_BOMB');
  });

  it('large zeros that deflate well but fill nothing are no bomb', async () => {
    expect(problems(await open([{ name: 'a', data: new Uint8Array(8 * 1024 * 1024), deflate: true }]))).toEqual([]);
  });

  it.each([
    ['a wrong checksum', { central: { crc: 1 }, local: { crc: 1 } }, 'FORMAT_CHECKSUM'],
    ['a stored entry with two sizes', { central: { size: 9 }, local: { size: 9 } }, 'FORMAT_SIZE_MISMATCH'],
    ['an unknown method', { central: { method: 99 }, local: { method: 99 } }, 'FORMAT_COMPRESSION'],
    ['the encryption bit', { central: { flags: 1 }, local: { flags: 1 } }, 'FORMAT_ENCRYPTED'],
    [
      'data beyond the directory',
      { central: { size: 5000, packed: 5000 }, local: { size: 5000, packed: 5000 } },
      'FORMAT_BOUNDS',
    ],
    ['no local header', { central: { offset: 7 } }, 'FORMAT_ARCHIVE'],
    ['a local header beyond the directory', { central: { offset: 5000 } }, 'FORMAT_BOUNDS'],
  ] as const)('%s', async (_, more, code) => {
    const archive = await open([{ ...A, ...more }]);
    expect(await refusal(readEntry(archive.source, archive.entries[0]!))).toBe(code);
  });

  it('a deflated entry that unpacks to more or to less than it states, or not at all', async () => {
    for (const [size, code] of [
      [999, 'FORMAT_SIZE_MISMATCH'],
      [1001, 'FORMAT_SIZE_MISMATCH'],
    ] as const) {
      const archive = await open([{ ...B, central: { size }, local: { size } }]);
      expect(await refusal(readEntry(archive.source, archive.entries[0]!))).toBe(code);
    }
    const garbage = await open([
      { name: 'g', data: new Uint8Array(100).fill(0xff), central: { method: 8 }, local: { method: 8 } },
    ]);
    expect(await refusal(readEntry(garbage.source, garbage.entries[0]!))).toBe('FORMAT_COMPRESSION');
  });

  it('what can be had is had all the same, for whoever looks for danger', async () => {
    const lie = await open([{ ...A, central: { flags: 1 }, local: { flags: 1 } }]);
    expect(await readEntryAnyway(lie.source, lie.entries[0]!)).toEqual({ bytes: A.data, problem: null });
    const wrong = await open([{ ...A, central: { crc: 1 }, local: { crc: 1 } }]);
    const { bytes, problem } = await readEntryAnyway(wrong.source, wrong.entries[0]!);
    expect([bytes, problem?.code]).toEqual([A.data, 'FORMAT_CHECKSUM']);
  });

  it('a bomb is unpacked no further than its stated size', async () => {
    const zeros = {
      name: 'z',
      data: new Uint8Array(64 * 1024 * 1024),
      deflate: true,
      central: { size: 10 },
      local: { size: 10 },
    };
    const archive = await open([zeros]);
    let most = 0;
    const code = await refusal(
      (async () => {
        for await (const chunk of streamEntry(archive.source, archive.entries[0]!)) most += chunk.length;
      })(),
    );
    expect(code).toBe('FORMAT_SIZE_MISMATCH');
    expect(most).toBeLessThanOrEqual(10);
  });

  it.each([
    ['no end record', makeZip([A]).subarray(0, -10), 'FORMAT_TRUNCATED'],
    ['nothing', new Uint8Array(0), 'FORMAT_TRUNCATED'],
    ['a directory beyond the file', makeZip([A], { directoryOffset: 100_000 }), 'FORMAT_BOUNDS'],
    ['a directory larger than the file', makeZip([A], { directorySize: 100_000 }), 'FORMAT_BOUNDS'],
  ])('%s', async (_, bytes, code) => {
    expect(await refusal(openZip(new MemorySource('x', bytes)))).toBe(code);
  });

  it('a wrong count keeps the entries that are there', async () => {
    const archive = await open([A, B], { count: 60_000 });
    expect([problems(archive), archive.entries.length]).toEqual([['FORMAT_ARCHIVE'], 2]);
  });
});

describe('damaged archives', () => {
  it('give entries or coded errors, within time', async () => {
    const seeds = [
      makeZip([A, B]),
      makeZip(
        [
          { ...A, zip64: true },
          { ...B, descriptor: true, filling: 30 },
        ],
        { comment: ascii('c') },
      ),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        fc.nat(),
        async (seed, edits, cut) => {
          const bytes = seed.slice(0, seed.length - (cut % 8));
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
          await refusal(
            (async () => {
              const archive = await openZip(new MemorySource('x', bytes));
              for (const entry of archive.entries) {
                await readEntryHead(archive.source, entry, 16);
                await refusal(readEntryAnyway(archive.source, entry));
              }
            })(),
          );
        },
      ),
      { numRuns: 1_500 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { looksLikeTar, openTar, type TarArchive } from './tar.ts';

interface Member {
  readonly name: string;
  readonly data?: Uint8Array;
  readonly type?: string;
  readonly link?: string;
  /** Octal text of the size field, or its raw bytes. */
  readonly size?: string | Uint8Array;
  readonly magic?: string;
  readonly checksum?: number;
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

function makeTar(members: readonly Member[]): Uint8Array {
  const parts = members.flatMap(
    ({ name, data = new Uint8Array(0), type = '0', link = '', size, magic = 'ustar\x0000', checksum }) => {
      const header = new Uint8Array(512);
      const put = (value: string | Uint8Array, at: number): void =>
        header.set(typeof value === 'string' ? ascii(value) : value, at);
      put(name.slice(0, 100), 0);
      put('0000644\0', 100);
      put(size ?? `${data.length.toString(8).padStart(11, '0')}\0`, 124);
      put(type, 156);
      put(link, 157);
      put(magic, 257);
      put('        ', 148);
      const sum = checksum ?? header.reduce((total, byte) => total + byte, 0);
      put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      return [header, data, new Uint8Array((512 - (data.length % 512)) % 512)];
    },
  );
  return new Uint8Array(Buffer.concat([...parts, new Uint8Array(1024)]));
}

const open = (members: readonly Member[]): Promise<TarArchive> => openTar(new MemorySource('x.tar', makeTar(members)));
const codes = (archive: TarArchive): string[] => archive.findings.map(({ code }) => code);

describe('tar', () => {
  it('lists members with their places, ustar and older', async () => {
    for (const magic of ['ustar\x0000', 'ustar  \0', '']) {
      const bytes = makeTar([
        { name: 'a', data: ascii('hello'), magic },
        { name: 'b/c', data: new Uint8Array(1000), magic },
      ]);
      const archive = await openTar(new MemorySource('x', bytes));
      expect(archive.entries).toMatchObject([
        { name: 'a', start: 512, size: 5 },
        { name: 'b/c', start: 1536, size: 1000 },
      ]);
      expect([archive.problem, archive.findings]).toEqual([null, []]);
      expect(looksLikeTar(bytes)).toBe(true);
    }
    expect(looksLikeTar(new Uint8Array(1024))).toBe(false);
    expect(looksLikeTar(new Uint8Array(1024).fill(0x41))).toBe(false);
  });

  it('long names of pax and GNU, large sizes in base 256', async () => {
    const long = `folder/${'n'.repeat(200)}`;
    const record = ` path=${long}\n`;
    const pax = `${record.length + 3}${record}`;
    const archive = await open([
      { name: 'pax', type: 'x', data: ascii(pax) },
      { name: 'short', data: ascii('1') },
      { name: '././@LongLink', type: 'L', data: ascii(`${long}2\0`) },
      { name: 'short', data: ascii('2') },
      { name: 'base256', data: ascii('abc'), size: Uint8Array.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]) },
    ]);
    expect(archive.problem).toBeNull();
    expect(archive.entries.map(({ name, size }) => [name, size])).toEqual([
      [long, 1],
      [`${long}2`, 1],
      ['base256', 3],
    ]);
  });

  it('tells names that lead out, links and duplicates', async () => {
    expect(codes(await open([{ name: '../x' }, { name: '/etc/passwd' }]))).toEqual([
      'path-traversal',
      'path-traversal',
    ]);
    expect(codes(await open([{ name: 'l', type: '2', link: '/etc/hosts' }]))).toEqual(['symlink']);
    expect(codes(await open([{ name: 'h', type: '1', link: 'a' }]))).toEqual(['symlink']);
    expect(
      codes(
        await open([
          { name: 'a', data: ascii('1') },
          { name: 'a', data: ascii('2') },
        ]),
      ),
    ).toEqual(['duplicate-entry']);
  });

  it.each([
    ['a size beyond the file', { name: 'a', size: '77777777777\0' }, 'FORMAT_TRUNCATED'],
    ['a size that is no number', { name: 'a', size: 'lots\0' }, 'FORMAT_LENGTH'],
    [
      'a size beyond 2^53',
      { name: 'a', size: Uint8Array.from([0xff, ...new Uint8Array(11).fill(0xff)]) },
      'FORMAT_OVERFLOW',
    ],
    ['a wrong checksum', { name: 'a', checksum: 1 }, 'FORMAT_CHECKSUM'],
    ['an extended header of gigabytes', { name: 'a', type: 'x', size: '17777777777\0' }, 'FORMAT_STRING_TOO_LONG'],
  ] as const)('%s ends the list with what came before', async (_, member, code) => {
    const archive = await open([{ name: 'first', data: ascii('1') }, member]);
    expect([archive.entries.length, archive.problem?.code]).toEqual([1, code]);
  });
});

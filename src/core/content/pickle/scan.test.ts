import { deflateSync, gzipSync, zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import { NESTING_FOLLOWED } from '../../limits.ts';
import type { Finding } from '../finding.ts';
import { carvePickles } from './carve.ts';
import { graphFacts, graphSigns } from './graph.ts';
import { describePickle } from './read.ts';
import { newBudget, scanPickles } from './scan.ts';
import { bytes, call, DANGEROUS, global, pickled, proto, REDUCE, STOP, stream, text, TUPLE1 } from './write.suite.ts';

async function scan(
  data: Uint8Array,
): Promise<{ codes: string[]; findings: readonly Finding[]; imports: string[]; streams: number }> {
  const result = await scanPickles(new MemorySource('x.pkl', data), 0, data.length, { shift: 0 });
  return {
    codes: [...new Set(result.findings.map((finding) => finding.code))],
    findings: result.findings,
    imports: result.imports.map((found) => `${found.module} ${found.name}`),
    streams: result.streams.length,
  };
}

const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe('pickles behind pickles', () => {
  it('the second of two is read and told', async () => {
    const result = await scan(concat(pickled('}'), DANGEROUS));
    expect(result.codes).toEqual(['dangerous-global', 'multiple-streams']);
    expect(result.findings[0]).toMatchObject({ offset: 6 });
  });

  it('one behind filling is found', async () => {
    const result = await scan(concat(pickled('}'), new Uint8Array(1000), DANGEROUS));
    expect(result.codes).toContain('dangerous-global');
    expect(result.findings[0]).toMatchObject({
      offset: 4 + 1000 + 2,
      detail: { where: 'in bytes after the end of the pickle' },
    });
  });

  it('bytes of no meaning are not taken for one', async () => {
    const noise = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 2654435761) >>> 24);
    expect((await scan(concat(pickled('}'), noise))).codes).toEqual([]);
  });
});

describe('pickles inside pickles', () => {
  const loads = (argument: Uint8Array): Uint8Array =>
    stream(proto(3), global('pickle', 'loads'), bytes(argument), TUPLE1, REDUCE, STOP);

  it('bytes given to a loader are read', async () => {
    const result = await scan(loads(DANGEROUS));
    expect(result.imports).toEqual(['pickle loads', 'os system']);
    expect(result.codes).toContain('nested-pickle');
  });

  it('so are bytes that are only kept', async () => {
    const result = await scan(stream(proto(3), ']', bytes(DANGEROUS), 'a', STOP));
    expect(result.imports).toEqual(['os system']);
    expect(result.findings.find((finding) => finding.code === 'nested-pickle')).toMatchObject({ severity: 'danger' });
  });

  it('also without a magic, and through zlib, gzip, base64 and all of them', async () => {
    const old = stream('cos\nsystem\n(S"x"\ntR.');
    const base64 = (data: Uint8Array): Uint8Array => new TextEncoder().encode(Buffer.from(data).toString('base64'));
    for (const hidden of [
      old,
      zlibSync(DANGEROUS),
      gzipSync(DANGEROUS),
      base64(DANGEROUS),
      base64(zlibSync(DANGEROUS)),
    ]) {
      expect((await scan(loads(hidden))).imports).toContain('os system');
    }
    const unpacked = stream(
      proto(3),
      global('pickle', 'loads'),
      global('zlib', 'decompress'),
      bytes(zlibSync(DANGEROUS)),
      TUPLE1,
      REDUCE,
      TUPLE1,
      REDUCE,
      STOP,
    );
    expect((await scan(unpacked)).imports).toContain('os system');
    expect((await scan(loads(deflateSync(DANGEROUS)))).codes).toContain('dangerous-global');
  });

  it('Python 2 bytes are spelled as text', async () => {
    const spelled = stream(
      proto(2),
      global('pickle', 'loads'),
      global('_codecs', 'encode'),
      text(String.fromCharCode(...DANGEROUS)),
      text('latin1'),
      0x86,
      REDUCE,
      TUPLE1,
      REDUCE,
      STOP,
    );
    expect((await scan(spelled)).imports).toContain('os system');
  });

  it('thousands of layers end at the cap and say so', async () => {
    let layers = DANGEROUS;
    for (let i = 0; i < 50; i += 1) layers = loads(layers);
    const result = await scan(layers);
    expect(
      result.findings.some((finding) => finding.code === 'nested-pickle' && finding.detail['followed'] === false),
    ).toBe(true);
    const budget = newBudget();
    expect(budget.embedded).toBeGreaterThan(0);
  });

  it('as many layers as the cap allows are followed, and not one more', async () => {
    const inside = (layers: number): Uint8Array =>
      Array.from({ length: layers }).reduce<Uint8Array>((data) => stream(proto(3), bytes(data), STOP), DANGEROUS);
    expect((await scan(inside(NESTING_FOLLOWED))).imports).toEqual(['os system']);
    expect((await scan(inside(NESTING_FOLLOWED + 1))).imports).toEqual([]);
  });

  it('data that happens to begin like a pickle is not told', async () => {
    expect(
      (await scan(stream(proto(3), bytes(Uint8Array.from([0x80, 2, 0x41, 0x42, 0x43, 0xfe, 0xff])), STOP))).codes,
    ).toEqual([]);
  });
});

describe('shapes of the described object', () => {
  const signs = (data: Uint8Array): readonly string[] => graphSigns(graphFacts(describePickle(data).value));

  it('2^64 leaves in 64 tuples are counted and not visited', () => {
    const laughs = pickled(
      'K\x01',
      Array.from({ length: 64 }, () => ['2', 0x86]),
    );
    expect(graphFacts(describePickle(laughs).value).leaves).toBe(2 ** 64);
    expect(signs(laughs)).toEqual(['exponential']);
  });

  it('a list in itself is cyclic; an object that refers to its owner is not', () => {
    expect(signs(pickled(']q\x00h\x00a'))).toEqual(['cyclic']);
    expect(signs(pickled(global('a', 'B'), ')', 0x81, 'q\x00}', text('owner'), 'h\x00sb'))).toEqual([]);
  });

  it('a hundred thousand levels are walked without recursion', () => {
    expect(signs(pickled('N', new Uint8Array(100_000).fill(0x85)))).toEqual(['deep']);
  });

  it('ordinary sharing is not exponential', () => {
    expect(
      signs(
        pickled(
          ']q\x00(',
          Array.from({ length: 500 }, () => ['h\x00', 'h\x00', 0x86]),
          'e',
        ),
      ),
    ).toEqual(['cyclic']);
    expect(
      signs(
        pickled(
          call('a', 'b'),
          'q\x00(',
          Array.from({ length: 500 }, () => 'h\x00'),
          'l',
        ),
      ),
    ).toEqual([]);
  });
});

describe('calls that only fill memory', () => {
  const LONG = [0x8a, 6, 0, 0, 0, 0, 0, 1];
  it.each([
    ['builtins', 'bytearray', ['J', 0, 0, 16, 0]],
    ['__builtin__', 'bytes', ['J', 0, 0, 16, 0]],
    ['builtins', 'range', LONG],
    ['torch', 'FloatStorage', LONG],
    ['numpy', 'ndarray', [LONG, LONG, 0x86]],
    ['sys', 'setrecursionlimit', ['J', 0, 0, 16, 0]],
  ])('%s.%s', async (module, name, argument) => {
    expect((await scan(pickled(call(module, name, argument)))).codes).toContain('resource-call');
  });

  it('a bytearray with its content, a short range and an empty storage class are ordinary', async () => {
    expect(
      (await scan(stream(proto(3), call('builtins', 'bytearray', bytes(new Uint8Array(100_000))), STOP))).codes,
    ).toEqual([]);
    expect((await scan(pickled(call('builtins', 'range', 'K\x05'), global('torch', 'FloatStorage')))).codes).toEqual(
      [],
    );
  });
});

describe('carving', () => {
  it('finds text pickles and binary ones at any place, and steps over each', () => {
    const { streams: found } = carvePickles(
      concat(new Uint8Array(7), DANGEROUS, new Uint8Array(9).fill(0x63), stream('cposix\nremove\n.')),
      100,
    );
    expect(found.map((one) => [one.start, one.imports[0]?.module])).toEqual([
      [107, 'os'],
      [100 + 7 + DANGEROUS.length + 9, 'posix'],
    ]);
  });

  it('stops at a bound when every name begins a stream of its own, and says so', () => {
    const decoys = stream(...Array.from({ length: 20_000 }, () => [0x80, 3, 'cbuiltins\n']));
    const { stopped } = carvePickles(concat(decoys, Uint8Array.of(0xff), DANGEROUS), 0);
    expect(stopped).toMatchObject({ code: 'many-entries', severity: 'caution' });
    expect(carvePickles(concat(decoys.subarray(0, 650), DANGEROUS), 0).stopped).toBeNull();
  });
});

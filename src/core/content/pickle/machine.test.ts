import * as fc from 'fast-check';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../errors.ts';
import { PickleMachine } from './machine.ts';
import { describePickle } from './read.ts';
import { asItems, isNode, keyText, type PyValue } from './value.ts';
import { NeedMore, PickleWindow } from './window.ts';
import {
  call,
  global,
  MARK,
  pickled,
  proto,
  REDUCE,
  STOP,
  stream,
  text,
  TUPLE1,
  u32,
  DANGEROUS,
} from './write.suite.ts';

const FIXTURES = resolve(import.meta.dirname, '../../../../fixtures/pickle');
const GOLDEN = resolve(import.meta.dirname, '../../../../../shared/golden/formats');

/** The described value as the golden files spell Python values. */
function plain(value: PyValue | undefined): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return { int: String(value) };
  if (!isNode(value)) return value;
  const items = asItems(value);
  if (items !== null) return items.map(plain);
  if (value.kind === 'dict') {
    return Object.fromEntries(
      Array.from({ length: value.items.length / 2 }, (_, i) => [
        keyText(value.items[2 * i]!),
        plain(value.items[2 * i + 1]),
      ]),
    );
  }
  if (value.kind === 'set') return { set: value.items.map(plain) };
  if (value.kind === 'bytes') return { bytes_hex: Buffer.from(value.data!).toString('hex') };
  return value.kind;
}

const error = (parts: Uint8Array): string | undefined => describePickle(parts).error?.code;
const value = (parts: Uint8Array): unknown => {
  const result = describePickle(parts);
  expect(result.error).toBeNull();
  return plain(result.value);
};

describe('values of every protocol', () => {
  it.skipIf(!existsSync(GOLDEN)).each([0, 1, 2, 3, 4, 5])(
    'protocol %i describes what Python wrote (skipped without ../shared)',
    (protocol) => {
      const file = `pickle/benign-protocol${protocol}.pkl`;
      const result = describePickle(new Uint8Array(readFileSync(join(GOLDEN, file))));
      const { facts } = JSON.parse(readFileSync(join(GOLDEN, `expected/${file}.json`), 'utf8')) as {
        facts: { content: unknown; opcodes: number; protocol: number };
      };
      expect(result.error).toBeNull();
      expect(plain(result.value)).toEqual(facts.content);
      expect(result.opcodes).toBe(facts.opcodes);
      expect(result.imports).toEqual([]);
    },
  );

  it('text pickles: escapes, long integers, booleans, floats', () => {
    expect(value(stream("S'a\\x41\\n\\101\\q'\n."))).toBe('aA\nA\\q');
    expect(value(stream('V\\u2603 \\\\u2603 \\U0001f600\n.'))).toBe('\u2603 \\\\u2603 \u{1f600}');
    expect(value(stream('L18446744073709551616L\n.'))).toEqual({ int: '18446744073709551616' });
    expect(value(stream('(I00\nI01\nI0x10\nF-inf\nF1e3\nt.'))).toEqual([false, true, 16, '-Infinity', 1000]);
  });

  it('LONG1 is two\u2019s complement', () => {
    expect(value(stream(proto(2), 0x8a, 0, STOP))).toBe(0);
    expect(value(stream(proto(2), 0x8a, 1, 0x80, STOP))).toBe(-128);
    expect(value(stream(proto(2), 0x8a, 2, 0xff, 0x00, STOP))).toBe(255);
  });

  it('a key that is set twice is kept twice, for the reader of the table to judge', () => {
    const result = describePickle(pickled('}', text('a'), 'K\x01s', text('a'), 'K\x02s'));
    expect(result.value).toMatchObject({ kind: 'dict', items: ['a', 1, 'a', 2] });
  });
});

describe('calls and imports', () => {
  it('are described with their opcode offsets and never made', () => {
    const result = describePickle(DANGEROUS);
    expect(result.imports).toMatchObject([
      {
        module: 'os',
        name: 'system',
        offset: 2,
        count: 1,
        called: true,
        verdict: { class: 'dangerous', danger: 'program' },
      },
    ]);
    expect(result.value).toMatchObject({ kind: 'call', op: 'REDUCE', args: ['echo'] });
  });

  it('are found through the memo, DUP, INST, OBJ, NEWOBJ, NEWOBJ_EX and STACK_GLOBAL', () => {
    const imported = (parts: Uint8Array): string[] =>
      describePickle(parts).imports.map((use) => `${use.module} ${use.name}${use.called ? '!' : ''}`);
    const stackGlobal = [
      text('os'),
      'q\x05',
      '0',
      text('system'),
      'q\x06',
      '0',
      text('x'),
      '0',
      'h\x05',
      'h\x06',
      0x93,
    ];
    expect(imported(stream(proto(4), stackGlobal, ')R.'))).toEqual(['os system!']);
    expect(imported(stream(MARK, 'ios\nsystem\n.'))).toEqual(['os system!']);
    expect(imported(stream(MARK, global('os', 'system'), 'o.'))).toEqual(['os system!']);
    expect(imported(pickled(global('subprocess', 'Popen'), ')', 0x81))).toEqual(['subprocess Popen!']);
    expect(imported(stream(proto(4), global('subprocess', 'Popen'), ')}', 0x92, STOP))).toEqual(['subprocess Popen!']);
    expect(imported(pickled(global('os', 'system')))).toEqual(['os system']);
  });

  it('says so when the name is computed or a number', () => {
    const computed = stream(proto(4), call('codecs', 'decode'), call('codecs', 'decode'), 0x93, STOP);
    expect(describePickle(computed).notes.map((note) => note.code)).toEqual(['computed-global']);
    expect(describePickle(pickled(0x82, 1)).notes).toMatchObject([
      { code: 'extension-code', detail: { extension: 1 } },
    ]);
    expect(describePickle(pickled(call('functools', 'partial'), ')', REDUCE)).notes.map((note) => note.code)).toEqual([
      'computed-call',
    ]);
  });

  it('BUILD on an imported name is a change of the program', () => {
    expect(describePickle(pickled(global('torch', '_utils'), '}b')).notes.map((note) => note.code)).toEqual([
      'patched-global',
    ]);
    expect(describePickle(pickled(global('torch', 'Tensor'), text('a'), 'Ns')).notes.map((note) => note.code)).toEqual([
      'patched-global',
    ]);
  });

  it('thousands of harmless names do not hide a dangerous one', () => {
    const many = Array.from({ length: 3000 }, (_, i) => [global('harmless', `n${i}`), '0']);
    const result = describePickle(pickled(many, call('os', 'system')));
    expect(result.imports.some((use) => use.name === 'system')).toBe(true);
    expect(result.importsUnlisted).toBe(1000);
  });

  it('hundreds of notes of one kind do not hide one of another', () => {
    const many = Array.from({ length: 500 }, () => [0x80, 9]);
    const result = describePickle(pickled(many, global('torch', '_utils'), '}b'));
    expect(result.notes.at(-1)).toMatchObject({ code: 'patched-global' });
  });
});

describe('broken streams', () => {
  it('keep what was imported before the break', () => {
    const result = describePickle(stream(DANGEROUS.subarray(0, -1), 0xff));
    expect(result.imports.map((use) => use.name)).toEqual(['system']);
    expect(result.error).toMatchObject({ code: 'FORMAT_PICKLE', detail: { offset: DANGEROUS.length - 1 } });
  });

  it.each([
    ['nothing on the stack at STOP', stream(proto(2), STOP), 'FORMAT_PICKLE'],
    ['an empty memo place', stream('h\x05.'), 'FORMAT_PICKLE'],
    ['a pop below the mark', stream('N(', TUPLE1, '.'), 'FORMAT_PICKLE'],
    ['no mark', stream('Nt.'), 'FORMAT_PICKLE'],
    ['a list as key', pickled('}]Ns'), 'FORMAT_PICKLE'],
    ['a list inside a tuple as key', pickled('}]', TUPLE1, 'Ns'), 'FORMAT_PICKLE'],
    ['a key in a number', pickled('K\x01', text('a'), 'Ns'), 'FORMAT_PICKLE'],
    ['a call of a number', pickled('K\x01)R'), 'FORMAT_PICKLE'],
    ['a call with a list', pickled(global('a', 'b'), ']R'), 'FORMAT_PICKLE'],
    ['a number as module', stream(proto(4), 'K\x01', text('x'), 0x93, STOP), 'FORMAT_PICKLE'],
    ['the end before STOP', stream(proto(2), 'N'), 'FORMAT_TRUNCATED'],
    ['a string longer than the file', stream('X', u32(100), 'abc'), 'FORMAT_TRUNCATED'],
    ['2^62 bytes', stream(0x8e, [0, 0, 0, 0, 0, 0, 0, 0x40], '.'), 'FORMAT_STRING_TOO_LONG'],
    ['a negative length', stream(0x8b, [0xfb, 0xff, 0xff, 0xff], '.'), 'FORMAT_LENGTH'],
    ['an odd number of values for a dict', stream('(NNNd.'), 'FORMAT_PICKLE'],
    ['extension code 0', stream(0x82, 0, STOP), 'FORMAT_PICKLE'],
  ])('%s', (_, parts, code) => {
    expect(error(parts)).toBe(code);
  });

  it('null can be stored and fetched', () => {
    expect(value(stream('Nq\x000h\x00.'))).toBeNull();
  });
});

describe('resources', () => {
  it('a number or index of unreasonable length is refused at once', () => {
    expect(error(stream(`F${'9'.repeat(1_000_000)}L\n.`))).toBe('FORMAT_STRING_TOO_LONG');
    expect(error(stream(`Np${'9'.repeat(1_000_000)}\n.`))).toBe('FORMAT_STRING_TOO_LONG');
  });

  it('a far memo place costs one slot and is told', () => {
    const result = describePickle(pickled('Nr', [0xff, 0xff, 0xff, 0x7f]));
    expect(result.notes).toMatchObject([{ code: 'memo-index', detail: { index: 2 ** 31 - 1 } }]);
  });

  it('an integer of 20,000 digits is not converted', () => {
    const result = describePickle(stream(`L${'9'.repeat(20_000)}L\n.`));
    expect(result.value).toMatchObject({ kind: 'number' });
    expect(result.notes.map((note) => note.code)).toEqual(['long-number']);
  });

  it('a hundred thousand containers stay described; millions are followed to their end without being kept', () => {
    expect(describePickle(concat(stream(MARK), new Uint8Array(100_000).fill(0x5d), stream('l.'))).thinned).toBe(false);
    const some = concat(stream(MARK), new Uint8Array(1_000).fill(0x5d), stream('e'));
    const many = concat(stream(proto(2), ']'), ...Array.from({ length: 6_000 }, () => some), DANGEROUS.subarray(2));
    const result = describePickle(many);
    expect(result).toMatchObject({ thinned: true, error: null, opcodes: 6_000 * 1_002 + 7 });
    expect(result.imports.map((use) => use.name)).toEqual(['system']);
  });

  it('a stack that only grows is stopped before it fills the memory', () => {
    const result = describePickle(new Uint8Array(24_000_000).fill(0x4e));
    expect(result.error?.code).toBe('FORMAT_TOO_LARGE');
  });
});

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Runs the machine over windows that end wherever `cuts` say. */
function throughWindows(bytes: Uint8Array, cuts: readonly number[]): ReturnType<typeof describePickle> {
  const machine = new PickleMachine(0);
  let turn = 0;
  const grow = (from: number, until: number): Uint8Array =>
    bytes.subarray(from, Math.min(bytes.length, Math.max(until, from + 1 + (cuts[turn++ % cuts.length] ?? 1))));
  const window = new PickleWindow(grow(0, 0), 0, bytes.length);
  for (;;) {
    const result = machine.run(window);
    if (!(result instanceof NeedMore)) return result;
    window.slide(grow(window.position, result.until), window.position);
  }
}

describe('properties', () => {
  const seeds = [
    'good-protocol0.pkl',
    'good-protocol2.pkl',
    'good-protocol5.pkl',
    'good-numpy-protocol2.pkl',
    'good-numpy-protocol4.pkl',
  ].map((file) => new Uint8Array(readFileSync(join(FIXTURES, file))));

  it('any windowing of the same bytes gives the same description', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 }),
        (bytes, cuts) => {
          const whole = describePickle(bytes);
          const parts = throughWindows(bytes, cuts);
          expect(parts.opcodes).toBe(whole.opcodes);
          expect(plain(parts.value)).toEqual(plain(whole.value));
          expect(parts.imports).toEqual(whole.imports);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('any bytes give a description or a coded error, soon', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
      )
      .map(([seed, edits]) => {
        const bytes = seed.slice();
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        return bytes;
      });
    // Opcodes drawn as such get much further than random bytes.
    const opcodes = fc
      .array(
        fc.constantFrom(
          ...'(.0122NIJKLMST)}]aelsudbtRoicQPqrhjgpGFVXUBC',
          '\x80',
          '\x81',
          '\x82',
          '\x85',
          '\x86',
          '\x87',
          '\x88',
          '\x8c',
          '\x8f',
          '\x90',
          '\x91',
          '\x92',
          '\x93',
          '\x94',
          '\x95',
          '\n',
          '\x00',
          '\x01',
        ),
        { maxLength: 200 },
      )
      .map((list) => stream(...list));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged, opcodes), (bytes) => {
        const result = describePickle(bytes);
        if (result.error !== null) expect(result.error).toBeInstanceOf(AppError);
        expect(result.end).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 3_000 },
    );
  });
});

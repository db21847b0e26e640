import { AppError } from '../../errors.ts';
import type { Literal } from './literal.ts';

/** What a `descr` says about one element. */
export interface NpyType {
  /** Canonical dtype; `OTHER` for structures, text, dates, long doubles and Python objects. */
  readonly dtype: string;
  /** Bytes of one element; for Python objects what NumPy reckons (a pointer). */
  readonly size: number;
  readonly big: boolean;
  /** The data are a pickle. */
  readonly object: boolean;
  /** As NumPy would print it, cut. */
  readonly descr: string;
  /** The type is guessed: NumPy stores bfloat16 as two bytes without a type. */
  readonly guessed: boolean;
}

const NUMBERS: Readonly<Record<string, string>> = {
  b1: 'BOOL',
  i1: 'I8',
  i2: 'I16',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  u2: 'U16',
  u4: 'U32',
  u8: 'U64',
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  c8: 'C64',
  c16: 'C128',
};
/** Kinds whose elements are no numbers this program decodes, and bytes per unit of their size. */
const OTHERS: Readonly<Record<string, number>> = { S: 1, a: 1, U: 4, V: 1, f: 1, c: 1, M: 1, m: 1 };
const DEPTH_MAX = 16;
const FIELDS_MAX = 100_000;
const SIZE_MAX = 2 ** 31;
const SHOWN = 200;

/**
 * The type of a `descr` (numpy.lib.format, "descr: dtype.descr"): a string, or a list of fields.
 *
 * @throws AppError FORMAT_DTYPE; FORMAT_HEADER; FORMAT_DEPTH; FORMAT_OVERFLOW
 */
export function parseDescr(descr: Literal): NpyType {
  if (descr.kind === 'string') return simple(descr.text);
  const budget = { fields: FIELDS_MAX };
  const { size, object } = fields(descr, 0, budget);
  if (size === 0 && !object) throw new AppError('FORMAT_DTYPE', { dtype: 'an empty structure' });
  return { dtype: 'OTHER', size, big: false, object, descr: show(descr), guessed: false };
}

function simple(text: string): NpyType {
  const match = /^([<>|=]?)([a-zA-Z?])(\d{0,10})(\[[^\]]{0,20}\])?$/.exec(text);
  const shown = text.slice(0, SHOWN);
  if (match === null) throw new AppError('FORMAT_DTYPE', { dtype: shown });
  const [, order, kind = '', digits = ''] = match;
  const stated = digits === '' ? null : Number(digits);
  if (kind === 'O') return { dtype: 'OTHER', size: 8, big: false, object: true, descr: shown, guessed: false };
  const number = kind === '?' ? 'BOOL' : NUMBERS[`${kind}${digits}`];
  if (number !== undefined) {
    const size = kind === '?' ? 1 : (stated ?? 1);
    return { dtype: number, size, big: order === '>' && size > 1, object: false, descr: shown, guessed: false };
  }
  const unit = OTHERS[kind];
  if (
    unit === undefined ||
    stated === null ||
    (kind === 'f' || kind === 'c' ? ![12, 16, 24, 32].includes(stated) : false)
  ) {
    throw new AppError('FORMAT_DTYPE', { dtype: shown });
  }
  const size = stated * unit;
  // Elements without bytes: any number of them costs nothing to state and everything to hold.
  if (size === 0 || size > SIZE_MAX) throw new AppError('FORMAT_DTYPE', { dtype: shown });
  if (kind === 'V' && stated === 2)
    return { dtype: 'BF16', size, big: order === '>', object: false, descr: shown, guessed: true };
  return { dtype: 'OTHER', size, big: false, object: false, descr: shown, guessed: false };
}

function fields(descr: Literal, depth: number, budget: { fields: number }): { size: number; object: boolean } {
  if (depth > DEPTH_MAX) throw new AppError('FORMAT_DEPTH', { max: DEPTH_MAX });
  if (descr.kind === 'string') return simple(descr.text);
  if (descr.kind !== 'list') throw new AppError('FORMAT_DTYPE', { dtype: show(descr) });
  let size = 0;
  let object = false;
  for (const field of descr.items) {
    budget.fields -= 1;
    if (budget.fields < 0) throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'fields', max: FIELDS_MAX });
    if (field.kind !== 'tuple' || field.items.length < 2 || field.items.length > 3) {
      throw new AppError('FORMAT_DTYPE', { dtype: show(field) });
    }
    const [, type, shape] = field.items;
    const one = fields(type!, depth + 1, budget);
    size += one.size * subarray(shape);
    object ||= one.object;
    if (!Number.isSafeInteger(size) || size > SIZE_MAX) throw new AppError('FORMAT_OVERFLOW', { dtype: show(descr) });
  }
  return { size, object };
}

function subarray(shape: Literal | undefined): number {
  if (shape === undefined) return 1;
  const sizes = shape.kind === 'tuple' ? shape.items : [shape];
  let count = 1;
  for (const size of sizes) {
    if (size.kind !== 'int' || size.value < 0n) throw new AppError('FORMAT_SHAPE', { dimension: show(size) });
    count *= Number(size.value);
    if (!Number.isSafeInteger(count)) throw new AppError('FORMAT_OVERFLOW', { dtype: show(shape) });
  }
  return count;
}

function show(literal: Literal): string {
  return print(literal, { left: SHOWN }).slice(0, SHOWN);
}

/** Stops descending once there is enough to show: the whole may be large. */
function print(literal: Literal, budget: { left: number }): string {
  budget.left -= 1;
  if (budget.left < 0) return '…';
  switch (literal.kind) {
    case 'string':
      return `'${literal.text.slice(0, SHOWN)}'`;
    case 'int':
      return literal.value.toString();
    case 'list':
      return `[${printAll(literal.items, budget)}]`;
    case 'tuple':
      return `(${printAll(literal.items, budget)})`;
    default:
      return literal.kind;
  }
}

function printAll(items: readonly Literal[], budget: { left: number }): string {
  return items
    .slice(0, 16)
    .map((item) => print(item, budget))
    .join(', ');
}

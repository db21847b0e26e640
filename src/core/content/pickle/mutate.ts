/**
 * What APPEND, ADDITEMS, SETITEM and BUILD do to the value on top of the stack. Only lists, dicts, sets and what calls
 * gave can be changed; changing an imported name changes the running program, and changing a number ends the stream.
 */
import { AppError, type ErrorDetail } from '../../errors.ts';
import type { FindingCode, Severity } from '../finding.ts';
import { isNode, type PyNode, type PyValue } from './value.ts';

export type Note = (code: FindingCode, severity: Severity, detail: ErrorDetail) => void;

/** @throws AppError FORMAT_PICKLE when Python would raise */
export function appendItems(target: PyValue, values: readonly PyValue[], note: Note): void {
  if (isNode(target)) {
    if (target.kind === 'list') return void pushAll(target.items, values);
    if (target.kind === 'call') return void pushAll((target.appended ??= []), values);
    if (changesProgram(target, note) || isUnknown(target)) return;
  }
  throw new AppError('FORMAT_PICKLE', { reason: 'items are appended to something that is no list' });
}

/** @throws AppError FORMAT_PICKLE when Python would raise */
export function addItems(target: PyValue, values: readonly PyValue[], note: Note): void {
  if (isNode(target)) {
    if (target.kind === 'set' && !target.frozen) {
      refuseUnhashable(values);
      return void pushAll(target.items, values);
    }
    if (target.kind === 'call') return void pushAll((target.appended ??= []), values);
    if (changesProgram(target, note) || isUnknown(target)) return;
  }
  throw new AppError('FORMAT_PICKLE', { reason: 'items are added to something that is no set' });
}

/** `pairs`: key, value, key, value … @throws AppError FORMAT_PICKLE when Python would raise */
export function assignItems(target: PyValue, pairs: readonly PyValue[], keep: boolean, note: Note): void {
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] === '__proto__') note('prototype-key', 'caution', { key: '__proto__' });
  }
  if (isNode(target)) {
    if (target.kind === 'dict') {
      for (let i = 0; i < pairs.length; i += 2) refuseUnhashable([pairs[i]!]);
      return keep ? void pushAll(target.items, pairs) : undefined;
    }
    if (target.kind === 'call') return keep ? void pushAll((target.assigned ??= []), pairs) : undefined;
    if (target.kind === 'list' || changesProgram(target, note) || isUnknown(target)) return;
  }
  throw new AppError('FORMAT_PICKLE', { reason: 'a key is set in something that is no table' });
}

/** @throws AppError FORMAT_PICKLE when Python would raise */
export function buildState(target: PyValue, state: PyValue, note: Note): void {
  if (isNode(target)) {
    if (target.kind === 'call') {
      target.state = state;
      return;
    }
    if (changesProgram(target, note) || isUnknown(target)) return;
  }
  throw new AppError('FORMAT_PICKLE', { reason: 'attributes are set on something that has none' });
}

function changesProgram(target: PyNode, note: Note): boolean {
  if (target.kind !== 'global') return false;
  note('patched-global', 'danger', { global: `${target.module} ${target.name}`.slice(0, 200) });
  return true;
}

function isUnknown(target: PyNode): boolean {
  return target.kind === 'persistent' || target.kind === 'opaque';
}

function refuseUnhashable(keys: readonly PyValue[]): void {
  if (keys.some((key) => unhashable(key, 0)))
    throw new AppError('FORMAT_PICKLE', { reason: 'a key that cannot be a key' });
}

/** Lists, dicts, sets and bytearrays, also inside tuples. */
function unhashable(value: PyValue, depth: number): boolean {
  if (!isNode(value)) return false;
  if (value.kind === 'list' || value.kind === 'dict') return true;
  if (value.kind === 'set') return !value.frozen;
  if (value.kind === 'bytes') return value.type === 'bytearray';
  return value.kind === 'tuple' && depth < 4 && value.items.slice(0, 16).some((item) => unhashable(item, depth + 1));
}

/** `push(...values)` overflows the call stack for long arrays. */
function pushAll(target: PyValue[], values: readonly PyValue[]): void {
  for (const value of values) target.push(value);
}

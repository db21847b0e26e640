/** DVC's records: `.dvc` files and `dvc.lock` (iterative/dvc, dvc/schema.py). */
import { AppError } from '../../../errors.ts';
import { RECORD_OUTS_MAX } from '../../../limits.ts';
import { field, isObject, listField, textField } from '../json.ts';

export interface DvcData {
  readonly path: string;
  /** As recorded: 32 hex digits, `.dir` behind them for a folder. Absent: only other marks (etag, version) are recorded. */
  readonly md5?: string;
  /** `plain`: MD5 of the bytes (DVC 3). `dos2unix`: text files with CR LF as LF before (no `hash` key; DVC 1 and 2). */
  readonly rule: 'plain' | 'dos2unix';
  readonly size?: number;
  readonly files?: number;
}

export interface DvcRecord {
  /** Folder the paths start from, relative to the record. */
  readonly folder: string;
  readonly data: readonly DvcData[];
}

/** @throws AppError ATTEST_BUNDLE {why} */
export function readDvcRecord(value: unknown): DvcRecord {
  const stages = field(value, 'stages');
  const listed = isObject(stages)
    ? Object.values(stages).flatMap((stage) => [...listField(stage, 'deps'), ...listField(stage, 'outs')])
    : listField(value, 'outs');
  if (!isObject(value) || listed.length === 0) throw new AppError('ATTEST_BUNDLE', { why: 'it records no file' });
  if (listed.length > RECORD_OUTS_MAX) throw new AppError('ATTEST_BUNDLE', { why: 'it records too many files' });
  const seen = new Map<string, DvcData>();
  for (const one of listed.map(dataOf)) seen.set(`${one.path}\n${one.md5}`, one);
  return { folder: textField(value, 'wdir') ?? '.', data: [...seen.values()] };
}

function dataOf(value: unknown): DvcData {
  const path = textField(value, 'path');
  if (path === undefined || path === '') throw new AppError('ATTEST_BUNDLE', { why: 'an entry without a path' });
  const md5 = textField(value, 'md5');
  if (md5 !== undefined && !/^[0-9a-f]{32}(?:\.dir)?$/.test(md5)) {
    throw new AppError('ATTEST_BUNDLE', { why: 'an MD5 that is none' });
  }
  const hash = textField(value, 'hash');
  if (hash !== undefined && hash !== 'md5') throw new AppError('ATTEST_BUNDLE', { why: 'an unknown kind of hash' });
  const size = field(value, 'size');
  const files = field(value, 'nfiles');
  return {
    path,
    ...(md5 === undefined ? {} : { md5 }),
    rule: hash === undefined ? 'dos2unix' : 'plain',
    ...(count(size) ? { size } : {}),
    ...(count(files) ? { files } : {}),
  };
}

function count(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

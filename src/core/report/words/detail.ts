/** Reading the details of errors and findings for their words: any field may be missing, long or hostile. */
import type { ErrorDetail } from '../../errors.ts';
import { formatBytes } from './units.ts';

/** Three sentences for a person. */
export interface ErrorWords {
  /** What happened. No full stop: it is used as a heading and inside sentences. */
  readonly title: string;
  readonly why: string;
  /** One thing to do. */
  readonly next: string;
}

type Text = string | ((detail: ErrorDetail) => string);
export type CodeWords = Readonly<Record<keyof ErrorWords, Text>>;

const SHOWN = 120;
/** Controls, and the marks that reorder text on screen: a name must not be able to disguise itself. */
// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text of unknown origin made fit to stand in a sentence: one line, visible, not endless. */
export function clean(text: string, longest = SHOWN): string {
  const visible = text.replace(UNSEEN, '\u00b7');
  return visible.length <= longest ? visible : `${visible.slice(0, longest - 1)}…`;
}

/** The first of `keys` that is there, as clean text; empty when none is. */
export function fact(detail: ErrorDetail, ...keys: readonly string[]): string {
  for (const key of keys) {
    const value = Object.hasOwn(detail, key) ? detail[key] : undefined;
    if (typeof value === 'string' && value !== '') return clean(value);
    if (typeof value === 'number') return String(value);
  }
  return '';
}

/** The first of `keys` that is a finite number. */
export function num(detail: ErrorDetail, ...keys: readonly string[]): number | null {
  for (const key of keys) {
    const value = Object.hasOwn(detail, key) ? detail[key] : undefined;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
  }
  return null;
}

/** The first of `keys` as a size in words; empty when none is there. */
export function size(detail: ErrorDetail, ...keys: readonly string[]): string {
  const n = num(detail, ...keys);
  return n === null ? '' : formatBytes(n);
}

/** A phrase around a detail, or another phrase when the detail is missing. */
export function phrase(
  detail: ErrorDetail,
  keys: readonly string[],
  made: (text: string) => string,
  otherwise: string,
): string {
  const text = fact(detail, ...keys);
  return text === '' ? otherwise : made(text);
}

/** `?compare=org/a@sha..org/b@sha`: two models side by side, linked to from anywhere. Either side may be left open. */
import { AppError } from '../../core/errors.ts';
import { parseHubRef, showHubRef } from '../../core/hub/parse-ref.ts';
import type { HubRef } from '../../core/hub/ref.ts';

/** Two references of the longest names and revisions that exist stay far below this. */
const LONGEST = 1024;
/** Neither a repository nor a revision may contain two dots in a row, so the first is the border. */
const BORDER = '..';

/** The text behind `compare=`, or null when there is none. Judged by `readCompareLink` when it is opened. */
export function findCompareLink(search: string): string | null {
  const text = new URLSearchParams(search).get('compare')?.trim();
  return text === undefined || text === '' ? null : text;
}

/**
 * @returns A and B; null for a side that the link leaves open
 * @throws AppError HUB_REFERENCE, for a side that is no repository; reason `length`, `sides` for the whole
 */
export function readCompareLink(text: string): readonly [HubRef | null, HubRef | null] {
  if (text.length > LONGEST) throw new AppError('HUB_REFERENCE', { reason: 'length', text: text.slice(0, 200) });
  const sides = text.split(BORDER);
  if (sides.length !== 2 || text === BORDER) {
    throw new AppError('HUB_REFERENCE', { reason: 'sides', text: text.slice(0, 200) });
  }
  const [a, b] = sides.map((side) => (side.trim() === '' ? null : parseHubRef(side)));
  return [a ?? null, b ?? null];
}

/** The query of the link; `/`, `:` and `@` stay readable. */
export function formatCompareLink(a: HubRef | null, b: HubRef | null): string {
  const text = (ref: HubRef | null): string => (ref ? showHubRef(ref) : '');
  const value = `${text(a)}${BORDER}${text(b)}`;
  return `?compare=${encodeURIComponent(value).replace(/%(2F|3A|40)/g, decodeURIComponent)}`;
}

/**
 * What is left of a bill after a place that breaks its schema, so that the next such place can be looked for. The
 * validators stop at the first: a hostile bill could break the rules a million times.
 */

/** A part of a bill, and where its lists begin in the whole: pointer of a list → entries left out before it. */
export interface Rest {
  readonly bill: unknown;
  readonly skipped: ReadonlyMap<string, number>;
}

/** Without them nothing else of a bill would be looked at. */
const NEEDED = new Set(['bomFormat', 'specVersion']);

/** A JSON pointer into the rest, as one into the whole. */
export function wholePointer(pointer: string, skipped: Rest['skipped']): string {
  let whole = '';
  for (const part of pointer.split('/').slice(1)) {
    const before = skipped.get(whole) ?? 0;
    whole += `/${before > 0 ? Number(part) + before : part}`;
  }
  return whole;
}

/**
 * The entries after the one that a pointer leads into; everything but one top field when it leads into no list.
 * Null when nothing is left to look at.
 */
export function restAfter({ bill, skipped }: Rest, pointer: string): Rest | null {
  const parts = pointer.split('/').slice(1);
  const keys = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const holders = [bill];
  for (const key of keys) holders.push(child(holders.at(-1), key));
  const list = holders.slice(0, keys.length).findLastIndex(Array.isArray);
  if (list === -1) {
    const [top] = keys;
    if (top === undefined || NEEDED.has(top) || typeof bill !== 'object' || bill === null) return null;
    return { bill: Object.fromEntries(Object.entries(bill).filter(([key]) => key !== top)), skipped };
  }
  const index = Number(keys[list]);
  let value: unknown = (holders[list] as readonly unknown[]).slice(index + 1);
  for (let i = list - 1; i >= 0; i--) {
    const holder = holders[i];
    const key = keys[i]!;
    value = Array.isArray(holder)
      ? holder.with(Number(key), value)
      : Object.fromEntries(Object.entries(holder as object).map(([name, old]) => [name, name === key ? value : old]));
  }
  const at = wholePointer(
    parts
      .slice(0, list)
      .map((part) => `/${part}`)
      .join(''),
    skipped,
  );
  return { bill: value, skipped: new Map(skipped).set(at, (skipped.get(at) ?? 0) + index + 1) };
}

function child(holder: unknown, key: string): unknown {
  if (Array.isArray(holder)) return holder[Number(key)];
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
    ? (holder as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

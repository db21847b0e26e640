/** `Content-Range` of a 206 or 416 answer (RFC 9110 §14.4). `end` is exclusive here. */
export interface ContentRange {
  /** Absent in a 416 (`bytes * /123`). */
  readonly start?: number;
  readonly end?: number;
  /** Absent when the server does not know (`*`). */
  readonly total?: number;
}

/** Undefined when the text is no such header: the caller treats that as a lie, not as silence. */
export function parseContentRange(text: string): ContentRange | undefined {
  const match = /^bytes (?:(\d{1,16})-(\d{1,16})|\*)\/(\d{1,16}|\*)$/.exec(text.trim());
  if (match === null) return undefined;
  const [, first, last, size] = match;
  const total = size === '*' ? {} : { total: Number(size) };
  if (first === undefined || last === undefined) return total;
  const start = Number(first);
  const end = Number(last) + 1;
  if (start >= end || !Number.isSafeInteger(end)) return undefined;
  if (total.total !== undefined && end > total.total) return undefined;
  return { start, end, ...total };
}

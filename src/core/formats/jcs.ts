/** JSON Canonicalization Scheme (RFC 8785) for plain data: keys sorted by UTF-16 code units, ECMAScript number form. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** @throws TypeError for numbers that JSON cannot hold (RFC 8785 §3.2.2.3) */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('not a JSON number');
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  const record = value as { readonly [key: string]: Json };
  // The default sort of strings compares UTF-16 code units, which is what the RFC asks for (§3.2.3).
  const keys = Object.keys(record).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(record[key]!)}`).join(',')}}`;
}

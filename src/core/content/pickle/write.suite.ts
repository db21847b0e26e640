/** Writes pickle streams opcode by opcode, for tests: nothing here has to be a pickle that Python would load. */

type Part = string | number | Uint8Array | readonly Part[];

/** Joins characters (latin-1), byte values and bytes. */
export function stream(...parts: readonly Part[]): Uint8Array {
  const out: number[] = [];
  const add = (part: Part): void => {
    if (typeof part === 'number') out.push(part);
    else if (typeof part === 'string') for (const character of part) out.push(character.charCodeAt(0) % 256);
    else if (part instanceof Uint8Array) out.push(...part);
    else part.forEach(add);
  };
  parts.forEach(add);
  return Uint8Array.from(out);
}

export const STOP = '.';
export const MARK = '(';
export const REDUCE = 'R';
export const TUPLE1 = 0x85;

export const proto = (version: number): Part => [0x80, version];
export const u32 = (value: number): Part => [value % 256, (value >>> 8) % 256, (value >>> 16) % 256, value >>> 24];
/** BINUNICODE. */
export const text = (value: string): Part => {
  const bytes = new TextEncoder().encode(value);
  return ['X', u32(bytes.length), bytes];
};
/** BINBYTES. */
export const bytes = (value: Uint8Array): Part => ['B', u32(value.length), value];
/** GLOBAL. */
export const global = (module: string, name: string): Part => `c${module}\n${name}\n`;
/** `module.name(argument)` by GLOBAL and REDUCE. */
export const call = (module: string, name: string, argument: Part = text('echo')): Part => [
  global(module, name),
  argument,
  TUPLE1,
  REDUCE,
];

/** A whole pickle of protocol 2 around an expression. */
export function pickled(...parts: readonly Part[]): Uint8Array {
  return stream(proto(2), ...parts, STOP);
}

/** What is found most: `os.system('echo')`. Bytes for a static reader; nothing in the tests loads it. */
export const DANGEROUS = pickled(call('os', 'system'));

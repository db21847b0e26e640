/** Folder of a path with its final slash; empty at the top. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** `base-00001-of-00003.ext` taken apart; null for other names. */
export function numbered(path: string): { base: string; number: number; count: number; extension: string } | null {
  const match = /^(.*)-(\d{5})-of-(\d{5})(\.[A-Za-z0-9]+)$/.exec(path);
  if (match === null) return null;
  const [, base = '', number, count, extension = ''] = match;
  return { base, number: Number(number), count: Number(count), extension: extension.toLowerCase() };
}

/** The name of part `number`. */
export function partName(base: string, number: number, count: number, extension: string): string {
  const five = (n: number): string => String(n).padStart(5, '0');
  return `${base}-${five(number)}-of-${five(count)}${extension}`;
}

/** Parts of one numbering, by `base`, `count` and ending. */
export function groupNumbered<T extends { readonly path: string }>(
  members: readonly T[],
  extension: string,
): Map<string, { base: string; count: number; parts: Map<number, T> }> {
  const groups = new Map<string, { base: string; count: number; parts: Map<number, T> }>();
  for (const member of members) {
    const name = numbered(member.path);
    if (name === null || name.extension !== extension) continue;
    const key = `${name.base} ${name.count}`;
    const group = groups.get(key) ?? { base: name.base, count: name.count, parts: new Map<number, T>() };
    groups.set(key, group);
    group.parts.set(name.number, member);
  }
  return groups;
}

/** `pytorch_model.bin.index.json`, and its variants. */
export function isPytorchIndex(path: string): boolean {
  return /\.bin\.index\.(?:[^./]{1,40}\.)?json$/i.test(path);
}

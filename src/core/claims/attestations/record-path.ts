/** Paths in records, which are relative to the record (or a folder it names), as paths of the model. */

/** The path within what was given; null when it leads out of it or is absolute. */
export function resolveRecordPath(recordPath: string, ...parts: readonly string[]): string | null {
  const slash = recordPath.lastIndexOf('/');
  const segments = slash === -1 ? [] : recordPath.slice(0, slash).split('/');
  for (const part of parts) {
    if (part.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(part)) return null;
    for (const segment of part.split('/')) {
      if (segment === '' || segment === '.') continue;
      if (segment !== '..') segments.push(segment);
      else if (segments.pop() === undefined) return null;
    }
  }
  return segments.join('/');
}

/** What tests of bills of materials share: files in memory beside a bill. */
import { AppError } from '../../../errors.ts';
import { wasmHashes } from '../../../hash/wasm.ts';
import { NO_EXPECTATIONS, type AttestationInput, type FileHeader } from '../kind.ts';

interface Beside {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, FileHeader>>;
  /** Paths whose bytes cannot be had, with the code that says why. */
  readonly unreadable?: Readonly<Record<string, AppError>>;
}

/** @param files text by path; the bill itself is added */
export function beside(
  files: Readonly<Record<string, string>>,
  bill: string | Uint8Array = '{}',
  { path = 'bom.json', headers, unreadable = {} }: Beside = {},
): AttestationInput {
  const utf8 = new TextEncoder();
  const bytes = typeof bill === 'string' ? utf8.encode(bill) : bill;
  const content = new Map<string, Uint8Array>(Object.entries(files).map(([name, text]) => [name, utf8.encode(text)]));
  content.set(path, bytes);
  const hashes = wasmHashes();
  const read = (name: string): Uint8Array => {
    const found = content.get(name);
    if (found === undefined) throw new AppError('SOURCE_NOT_FOUND', { path: name });
    const why = Object.hasOwn(unreadable, name) ? unreadable[name] : undefined;
    if (why !== undefined) throw why;
    return found;
  };
  return {
    path,
    bytes,
    folder: {
      files: [...content].map(([name, { length }]) => ({ path: name, size: length })),
      async digest(name, algorithm, range) {
        const all = read(name);
        const part = range === undefined ? all : all.subarray(...range);
        const hasher = await hashes.create(algorithm, part.length);
        hasher.update(part);
        return hasher.digest();
      },
      read: async (name) => read(name),
      async *stream(name) {
        yield read(name);
      },
      ...(headers === undefined
        ? {}
        : { header: (name: string) => (Object.hasOwn(headers, name) ? headers[name] : undefined) }),
    },
    expect: NO_EXPECTATIONS,
    hashes,
    now: '2026-11-21T10:00:00.000Z',
    signal: new AbortController().signal,
  };
}

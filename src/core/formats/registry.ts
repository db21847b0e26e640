import type { Format, FormatId } from './format.ts';
import { looksLikeGguf, looksLikeSafetensors } from './magic.ts';

/** One line of the list. Its reader is loaded when the first such file is met. */
export interface FormatEntry extends Pick<Format, 'id' | 'title' | 'extensions' | 'match'> {
  load(): Promise<Format>;
}

/** The formats that are read, in the order in which their first bytes are tried. */
export const FORMATS: readonly FormatEntry[] = [
  {
    id: 'gguf',
    title: 'GGUF',
    extensions: ['.gguf'],
    match: looksLikeGguf,
    load: async () => (await import('./gguf.ts')).gguf,
  },
  {
    id: 'safetensors',
    title: 'safetensors',
    extensions: ['.safetensors'],
    match: (head, source) => looksLikeSafetensors(head, source.size),
    load: async () => (await import('./safetensors.ts')).safetensors,
  },
];

/** What a file is taken for, and why: its bytes, or its name where the bytes are no container's. */
export interface Identified {
  readonly entry: FormatEntry;
  readonly by: 'content' | 'name';
}

/**
 * The format of a file. Content decides over the name; a name decides only when no content does, so that a damaged
 * file is refused as what it claims to be.
 *
 * @param head the first bytes, up to 4,096
 */
export function identify(head: Uint8Array, name: string, size: number): Identified | null {
  const matching = FORMATS.find((entry) => entry.match(head, { name, size }));
  if (matching !== undefined) return { entry: matching, by: 'content' };
  const named = formatByName(name);
  return named === null ? null : { entry: named, by: 'name' };
}

/** The format a name claims by its ending. */
export function formatByName(name: string): FormatEntry | null {
  const lower = name.toLowerCase();
  return FORMATS.find((entry) => entry.extensions.some((extension) => lower.endsWith(extension))) ?? null;
}

export function formatEntry(id: FormatId): FormatEntry | undefined {
  return FORMATS.find((entry) => entry.id === id);
}

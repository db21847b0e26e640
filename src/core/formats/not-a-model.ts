import { binaryKind } from './disguise/binary.ts';
import { isAllZero, isSevenBit, lineEndsMangled, utf8Mangled } from './disguise/damage.ts';
import { readPointer } from './disguise/pointers.ts';
import { readTextBody } from './disguise/text-body.ts';
import { unfinishedName } from './disguise/unfinished.ts';
import { looksLikeGguf, looksLikeSafetensors } from './magic.ts';

/** What a file is when it is not a model: looked at before any parser. */
export interface NotAModel {
  /** Words per kind live in `src/core/report/words/not-a-model.ts`. */
  readonly kind: NotAModelKind;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

export const NOT_A_MODEL_KINDS = [
  '7z',
  'all-zero',
  'base64',
  'bzip2',
  'crlf-mangled',
  'elf',
  'empty',
  'ggml-legacy',
  'git-annex-pointer',
  'git-lfs-pointer',
  'gzip',
  'html',
  'json',
  'partial-download',
  'pdf',
  'pe',
  'pickle',
  'png',
  'pytorch-zip',
  'rar',
  'seven-bit',
  'text',
  'truncated',
  'utf16',
  'utf8-mangled',
  'xet-pointer',
  'xml',
  'xz',
  'zip',
  'zstd',
] as const;

export type NotAModelKind = (typeof NOT_A_MODEL_KINDS)[number];

export interface FileEdges {
  /** Its path: only the ending of a download in progress is taken from it. */
  readonly name: string;
  readonly size: number;
  /** Its last bytes, when they could be read. May overlap with the head in a small file. */
  readonly tail?: Uint8Array;
}

/** Shorter than the shortest header of any container. */
const SHORTEST = 8;

/**
 * Says what a file is instead of a model, from its edges alone; null when it may be one.
 *
 * Content decides: of the name only `.part`, `.crdownload` and the like count, because a file that is still being
 * fetched has the right first bytes. What looks like a container that can be read is left to its reader, except for the
 * one damage that leaves headers intact.
 *
 * @param head the first bytes, up to 4,096
 */
export function detectNotAModel(head: Uint8Array, file: FileEdges): NotAModel | null {
  const { name, size, tail = head } = file;
  if (size === 0) return { kind: 'empty', detail: {} };
  const unfinished = unfinishedName(name);
  if (unfinished !== null) return { kind: 'partial-download', detail: { extension: unfinished, bytes: size } };
  if (looksLikeGguf(head) || looksLikeSafetensors(head, size)) {
    return isSevenBit(tail) ? { kind: 'seven-bit', detail: {} } : null;
  }
  const pointer = readPointer(head, size);
  if (pointer !== null) return pointer;
  const binary = binaryKind(head, tail);
  if (binary !== null) {
    if (lineEndsMangled(head, tail)) return { kind: 'crlf-mangled', detail: { was: binary.kind } };
    if (utf8Mangled(head, tail)) return { kind: 'utf8-mangled', detail: { was: binary.kind } };
    return binary;
  }
  if (size < SHORTEST) {
    // GGUF's reader says what is missing, even from its magic.
    if (startsLikeGguf(head)) return null;
    return readTextBody(head, tail, size) ?? { kind: 'truncated', detail: { bytes: size } };
  }
  if (isAllZero(head) && isAllZero(tail)) return { kind: 'all-zero', detail: { bytes: size } };
  return readTextBody(head, tail, size);
}

function startsLikeGguf(head: Uint8Array): boolean {
  return 'GGUF'.startsWith(String.fromCharCode(...head.subarray(0, 4)));
}

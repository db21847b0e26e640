import { has } from '../magic.ts';
import { ggmlLegacy } from './ggml-legacy.ts';
import type { NotAModel, NotAModelKind } from '../not-a-model.ts';

/** First bytes of files that hold no weights, or hold them packed. */
const SIGNATURES: readonly (readonly [kind: NotAModelKind, text: string])[] = [
  // The third byte is the method, always 8 (RFC 1952).
  ['gzip', '\x1f\x8b\x08'],
  ['xz', '\xfd7zXZ\x00'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['7z', '7z\xbc\xaf\x27\x1c'],
  ['rar', 'Rar!\x1a\x07'],
  ['pdf', '%PDF-'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['elf', '\x7fELF'],
];
/** What `torch.save` writes into its archive. */
const TORCH_ENTRIES: readonly string[] = ['/data.pkl', '/.data/serialization_id', '/constants.pkl', '/byteorder'];
/** Opcodes that writers put first: frame, dictionary, list, mark, imports, strings, numbers, tuples. */
const FIRST_OPCODES = '\x95}](cX\x8c\x8a\x8bqKMJNUB)\x88\x89\x8e\x96';

/** What the first bytes say; null when they say nothing. */
export function binaryKind(head: Uint8Array, tail: Uint8Array): NotAModel | null {
  for (const [kind, text] of SIGNATURES) if (has(head, text)) return { kind, detail: {} };
  if (isBzip2(head)) return { kind: 'bzip2', detail: {} };
  const legacy = ggmlLegacy(head);
  if (legacy !== null) return legacy;
  if (has(head, 'PK\x03\x04')) return { kind: isTorchArchive(head, tail) ? 'pytorch-zip' : 'zip', detail: {} };
  if (isPickle(head)) return { kind: 'pickle', detail: { protocol: head[1]! } };
  // Two letters that a text may begin with, too: programs have zeros soon after.
  if (has(head, 'MZ') && head.subarray(0, 64).includes(0)) return { kind: 'pe', detail: {} };
  return null;
}

/** Level 1 to 9, then the mark of a block or of the end. */
function isBzip2(head: Uint8Array): boolean {
  const level = head[3] ?? 0;
  if (!has(head, 'BZh') || level < 0x31 || level > 0x39) return false;
  return has(head, '1AY&SY', 4) || has(head, '\x17\x72\x45\x38\x50\x90', 4);
}

function isPickle(head: Uint8Array): boolean {
  const [start, protocol = 0, opcode = 0] = head;
  return start === 0x80 && protocol >= 2 && protocol <= 5 && FIRST_OPCODES.includes(String.fromCharCode(opcode));
}

/** Names stand before each entry and in the directory at the end. */
function isTorchArchive(head: Uint8Array, tail: Uint8Array): boolean {
  const latin1 = new TextDecoder('latin1');
  const names = latin1.decode(head) + latin1.decode(tail);
  return TORCH_ENTRIES.some((name) => names.includes(name));
}

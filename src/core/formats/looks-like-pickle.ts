import { describePickle } from '../content/pickle/read.ts';

/** Endings under which a pickle is expected. */
const PICKLE_NAME = /\.(?:pkl|pickle|p|joblib|dill)$/i;
/** Endings of PyTorch's legacy stream, which is a pickle to begin with. */
const TORCH_NAME = /\.(?:pt|pth|bin|ckpt|tar|t7)$/i;
/** Single values that any text could be by chance do not make a pickle. */
const OPCODES_MIN = 3;

/**
 * Whether a file begins with a pickle. Protocol 2 and later say so; older ones have no magic, so the first bytes must
 * read as opcodes to the end of the stream, or to the end of what is there and with an import on the way.
 */
export function looksLikePickle(head: Uint8Array, name: string, size: number): boolean {
  if (head.length === 0) return false;
  if (head[0] === 0x80) return (head[1]! >= 1 && head[1]! <= 5) || (PICKLE_NAME.test(name) && head.length > 1);
  const stream = describePickle(head);
  const cut = head.length < size && stream.error?.code === 'FORMAT_TRUNCATED';
  const complete = stream.error === null && stream.opcodes >= OPCODES_MIN;
  const imported = stream.imports.length > 0;
  const imports = stream.imports.some((use) => use.verdict.odd === null);
  if (PICKLE_NAME.test(name))
    return stream.error === null || imported || (cut && (stream.opcodes > 0 || isNumber(head)));
  if (TORCH_NAME.test(name)) return complete || imports || (cut && stream.opcodes >= OPCODES_MIN);
  return (complete && !isText(head)) || (imports && (complete || stream.error?.code === 'FORMAT_TRUNCATED'));
}

/** One number that is longer than what is there: INT or LONG with digits only. */
function isNumber(head: Uint8Array): boolean {
  const digits = head.subarray(head[1] === 0x2d ? 2 : 1);
  return (head[0] === 0x49 || head[0] === 0x4c) && digits.every((byte) => byte >= 0x30 && byte <= 0x39);
}

/** Printable ASCII and line ends only: what people write, and what protocol 0 looks like. */
function isText(head: Uint8Array): boolean {
  return head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 9);
}

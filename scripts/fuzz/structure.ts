/** Structure guessed from bytes alone: text, and fields of a protobuf message at any depth. */

export function textShare(bytes: Uint8Array): number {
  if (bytes.length === 0) return 1;
  let printable = 0;
  for (const byte of bytes)
    if (byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127)) printable += 1;
  return printable / bytes.length;
}

/** One field of a protobuf message: its tag at `at`, its length or value at `value`, its end. */
export interface ProtoField {
  readonly at: number;
  readonly value: number;
  /** First byte of the content for a field with a length. */
  readonly content: number;
  readonly end: number;
  readonly wire: number;
}

const FIELDS_MAX = 2048;
const DEPTH_MAX = 8;

/** Fields of `bytes` read as a protobuf message, and of messages inside it; empty when they do not look like one. */
export function protoFields(bytes: Uint8Array): ProtoField[] {
  const found: ProtoField[] = [];
  return walk(bytes, 0, bytes.length, 0, found) ? found : [];
}

function walk(bytes: Uint8Array, start: number, end: number, depth: number, found: ProtoField[]): boolean {
  const from = found.length;
  const refuse = (): boolean => {
    found.length = from;
    return false;
  };
  let at = start;
  while (at < end) {
    const tag = varint(bytes, at, end);
    if (tag === null || tag.value < 8 || tag.value > 0xffff) return refuse();
    const wire = tag.value % 8;
    const value = at + tag.length;
    let content = value;
    let stop: number;
    if (wire === 0) {
      const number = varint(bytes, value, end);
      if (number === null) return refuse();
      stop = value + number.length;
    } else if (wire === 1) stop = value + 8;
    else if (wire === 5) stop = value + 4;
    else if (wire === 2) {
      const length = varint(bytes, value, end);
      if (length === null) return refuse();
      content = value + length.length;
      stop = content + length.value;
    } else return refuse();
    if (stop > end) return refuse();
    if (found.length < FIELDS_MAX) {
      found.push({ at, value, content, end: stop, wire });
      if (wire === 2 && stop > content && depth < DEPTH_MAX) walk(bytes, content, stop, depth + 1, found);
    }
    at = stop;
  }
  return true;
}

function varint(bytes: Uint8Array, at: number, end: number): { value: number; length: number } | null {
  let value = 0;
  for (let i = 0; i < 6 && at + i < end; i += 1) {
    const byte = bytes[at + i]!;
    value += (byte % 128) * 128 ** i;
    if (byte < 128) return { value, length: i + 1 };
  }
  return null;
}

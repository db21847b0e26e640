/** Field numbers of ModelProto and the wire type each must have. */
const MODEL_FIELDS: ReadonlyMap<number, number> = new Map([
  [1, 0],
  [2, 2],
  [3, 2],
  [4, 2],
  [5, 0],
  [6, 2],
  [7, 2],
  [8, 2],
  [14, 2],
  [20, 2],
  [25, 2],
  [26, 2],
]);

/** Shorter than any model with a graph. */
const TINY = 16;

/**
 * Protobuf has no magic. A file is taken for ONNX when its first fields are those of a ModelProto with a graph or an
 * opset in reach.
 */
export function looksLikeOnnx(head: Uint8Array, name: string): boolean {
  // A few bytes under that name: nothing else can say more about them than that their first field is broken.
  if (head.length < TINY && /\.onnx$/i.test(name)) return hasTraceOfOnnx(head);
  const { known, graph } = firstFields(head);
  // GraphDef and SavedModel begin with other kinds of field 1 and 2; a lone varint says nothing.
  return graph && known >= 2;
}

/** Whether a file that calls itself ONNX has anything of one: a damaged model is refused as one, noise as unknown. */
export function hasTraceOfOnnx(head: Uint8Array): boolean {
  const { known, conflict } = firstFields(head);
  return known > 0 || conflict;
}

interface FirstFields {
  /** Fields of a ModelProto. */
  readonly known: number;
  readonly graph: boolean;
  /** A field of a ModelProto with a type it never has, or field 0 at the very start. */
  readonly conflict: boolean;
}

function firstFields(head: Uint8Array): FirstFields {
  let at = 0;
  let known = 0;
  let graph = false;
  for (let fields = 0; fields < 16 && at < head.length; fields += 1) {
    const tag = varint(head, at);
    if (tag === null || tag.value < 8) return { known, graph, conflict: fields === 0 && (head[0] ?? 255) < 0x10 };
    const wire = tag.value % 8;
    const number = (tag.value - wire) / 8;
    const expected = MODEL_FIELDS.get(number);
    if (expected !== undefined && expected !== wire) return { known, graph: false, conflict: true };
    if (expected !== undefined) {
      known += 1;
      if (number === 7 || number === 8) graph = true;
    }
    const next = skip(head, tag.next, wire);
    if (next === null) break;
    at = next;
  }
  return { known, graph, conflict: false };
}

function varint(head: Uint8Array, at: number): { value: number; next: number } | null {
  let value = 0;
  let scale = 1;
  for (let i = at; i < Math.min(at + 5, head.length); i += 1) {
    const byte = head[i] ?? 0;
    value += (byte % 128) * scale;
    if (byte < 128) return { value, next: i + 1 };
    scale *= 128;
  }
  return null;
}

function skip(head: Uint8Array, at: number, wire: number): number | null {
  if (wire === 1) return at + 8;
  if (wire === 5) return at + 4;
  if (wire === 0) {
    for (let i = at; i < Math.min(at + 10, head.length); i += 1) if ((head[i] ?? 0) < 128) return i + 1;
    return null;
  }
  if (wire !== 2) return null;
  const length = varint(head, at);
  return length === null ? null : length.next + length.value;
}

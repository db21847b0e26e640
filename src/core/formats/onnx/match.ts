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

/**
 * Protobuf has no magic. A file is taken for ONNX when its first fields are those of a ModelProto with a graph or an
 * opset in reach; a file that is named `.onnx` needs only one such field, so that a damaged one is reported as damaged.
 */
export function matchOnnx(head: Uint8Array, source: { readonly name: string }): boolean {
  const named = /\.onnx$/i.test(source.name);
  let at = 0;
  let known = 0;
  let graph = false;
  for (let fields = 0; fields < 16 && at < head.length; fields += 1) {
    const tag = varint(head, at);
    // Broken at the very start: only the name speaks for it.
    if (tag === null || tag.value < 8) return named && (fields === 0 ? onlySmallTag(head) : known > 0);
    const wire = tag.value % 8;
    const number = (tag.value - wire) / 8;
    const expected = MODEL_FIELDS.get(number);
    if (expected === wire) {
      known += 1;
      if (number === 7 || number === 8) graph = true;
    } else if (expected !== undefined) return named;
    const next = skip(head, tag.next, wire);
    if (next === null) break;
    at = next;
  }
  if (named) return known > 0;
  // GraphDef and SavedModel begin with other kinds of field 1 and 2; a lone varint says nothing.
  return graph && known >= 2 && head[0] === 0x08;
}

/** Field 0 with a readable rest, or an invalid wire type of a small field: a model that was tampered with, not noise. */
function onlySmallTag(head: Uint8Array): boolean {
  return (head[0] ?? 255) < 0x10;
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

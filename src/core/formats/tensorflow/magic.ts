/** TensorFlow's protobuf files have no magic: their first fields tell. */

/** `saved_model.pb`: a schema version, then a message that begins with its own first or second field. */
export function looksLikeSavedModel(head: Uint8Array): boolean {
  if (head[0] !== 0x08 || head[1] !== 0x01 || head[2] !== 0x12) return false;
  const inner = afterLength(head, 3);
  return inner !== null && (head[inner] === 0x0a || head[inner] === 0x12) && !isText(head, inner, 4);
}

/** A node with a name and an operator: `0a len (0a len name 12 len Operator …)`. */
export function looksLikeGraphDef(head: Uint8Array): boolean {
  if (head[0] !== 0x0a) return false;
  const node = afterLength(head, 1);
  if (node === null || head[node] !== 0x0a) return false;
  const nodeName = afterLength(head, node + 1);
  if (nodeName === null) return false;
  const operator = nodeName + head[node + 1]!;
  if (head[node + 1]! >= 128 || head[operator] !== 0x12) return false;
  const length = head[operator + 1]!;
  const spelled = String.fromCharCode(...head.subarray(operator + 2, operator + 2 + length));
  return length > 0 && length < 128 && spelled.length === length && /^[A-Za-z_][\w>/]*$/.test(spelled);
}

/** Where the bytes behind a length begin. */
function afterLength(head: Uint8Array, at: number): number | null {
  for (let i = at; i < Math.min(at + 5, head.length); i += 1)
    if (head[i]! < 128) return i + 1 < head.length ? i + 1 : null;
  return null;
}

function isText(head: Uint8Array, at: number, count: number): boolean {
  return head.subarray(at, at + count).every((byte) => byte >= 0x20 && byte < 0x7f);
}

/** The index of a tensor bundle begins with the empty key, whose value is a header: its magic is at the end, out of reach. */
export function looksLikeBundleIndex(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 0 && (head[2] ?? 0) >= 2 && head[2]! < 32 && head[3] === 0x08 && head[4] !== 0;
}

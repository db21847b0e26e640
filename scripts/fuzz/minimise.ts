/** Runs that making an input smaller may take. */
const RUNS_MAX = 600;

/**
 * The smallest input found that still fails the same way: pieces are taken out while that is so, halves first, then
 * quarters (delta debugging; Zeller and Hildebrandt, IEEE TSE 28(2), 2002), then bytes are made zero.
 *
 * @param same whether an input fails like the first one
 * @param runs how often it may be asked
 */
export async function minimise(
  input: Uint8Array,
  same: (bytes: Uint8Array) => Promise<boolean>,
  runs = RUNS_MAX,
): Promise<Uint8Array> {
  const asked = { left: runs };
  let bytes = input;
  const holds = async (candidate: Uint8Array): Promise<boolean> => {
    asked.left -= 1;
    return same(candidate);
  };
  for (
    let piece = Math.ceil(bytes.length / 2);
    piece >= 1 && asked.left > 0;
    piece = piece === 1 ? 0 : Math.ceil(piece / 2)
  ) {
    for (let at = 0; at < bytes.length && asked.left > 0;) {
      const candidate = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + piece)]);
      if (await holds(candidate)) bytes = candidate;
      else at += piece;
    }
  }
  for (let at = 0; at < Math.min(bytes.length, 256) && asked.left > 0; at += 1) {
    if (bytes[at] === 0) continue;
    const candidate = bytes.slice();
    candidate[at] = 0;
    if (await holds(candidate)) bytes = candidate;
  }
  return bytes;
}

/** Whether a name that lies in the first bytes of a zip contains this ASCII text. A hint for the order of trial only. */
export function headMentions(head: Uint8Array, text: string): boolean {
  const bytes = Array.from(text, (character) => character.charCodeAt(0));
  for (let at = head.indexOf(bytes[0]!); at >= 0; at = head.indexOf(bytes[0]!, at + 1)) {
    if (bytes.every((byte, i) => head[at + i] === byte)) return true;
  }
  return false;
}

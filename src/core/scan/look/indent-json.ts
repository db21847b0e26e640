/** JSON made readable without being read: only white space between tokens changes, so repeated keys and long numbers stay as they are. */

const INDENT = 2;
/** Deeper levels are not moved further to the right. */
const INDENTED_MAX = 24;

/**
 * @param text JSON that a parser has accepted; other text comes back with its brackets on lines of their own
 * @param limit UTF-16 units after which no more is made
 */
export function indentJson(text: string, limit: number): string {
  let out = '';
  let depth = 0;
  const line = (): string => `\n${' '.repeat(Math.min(depth, INDENTED_MAX) * INDENT)}`;
  // A string, a number or word, or one of the six marks; what is between them is white space.
  const token = /"(?:[^"\\]|\\.)*"?|[^\s{}[\],:"]+|[{}[\],:]/gs;
  for (let found = token.exec(text); found !== null && out.length < limit; found = token.exec(text)) {
    const [piece] = found;
    if (piece === '{' || piece === '[') {
      const close = /\s*[}\]]/y;
      close.lastIndex = token.lastIndex;
      const end = close.exec(text);
      if (end !== null) {
        out += piece + end[0].trim();
        token.lastIndex = close.lastIndex;
        continue;
      }
      depth += 1;
      out += piece + line();
    } else if (piece === '}' || piece === ']') {
      depth = Math.max(0, depth - 1);
      out += line() + piece;
    } else if (piece === ',') out += piece + line();
    else if (piece === ':') out += ': ';
    else out += piece;
  }
  return out.slice(0, limit);
}

/** Which tensors a pattern of a recipe means. */

/** `*` stands for any run of characters; without one, the name itself or everything below it (`model.embed` means `model.embed.weight`). */
export function matcherOf(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern || name.startsWith(`${pattern}.`);
  const parts = pattern.split('*');
  const [head = ''] = parts;
  const tail = parts.at(-1)!;
  const middle = parts.slice(1, -1).filter((part) => part !== '');
  // By hand and not as a regular expression: nobody's pattern may take exponential time.
  return (name) => {
    if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
    let at = head.length;
    for (const part of middle) {
      const found = name.indexOf(part, at);
      if (found === -1 || found + part.length > name.length - tail.length) return false;
      at = found + part.length;
    }
    return true;
  };
}

const encoder = new TextEncoder();

/** What git hashes before a file's content: object type, space, length in decimal, NUL (git-hash-object, gitformat-loose). */
export function gitBlobHeader(size: number): Uint8Array {
  return encoder.encode(`blob ${size}\0`);
}

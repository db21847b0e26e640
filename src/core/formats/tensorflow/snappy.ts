import { AppError } from '../../errors.ts';

/**
 * Unpacks a raw Snappy block (google/snappy, format_description.txt).
 *
 * @param most largest unpacked size that is accepted
 * @throws AppError FORMAT_COMPRESSION, FORMAT_TOO_LARGE
 */
export function unpackSnappy(bytes: Uint8Array, most: number): Uint8Array {
  const bad = (): AppError => new AppError('FORMAT_COMPRESSION', { method: 'snappy' });
  let at = 0;
  let size = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at];
    if (byte === undefined || at >= 5) throw bad();
    at += 1;
    size += (byte % 128) * scale;
    if (byte < 128) break;
  }
  if (size > most) throw new AppError('FORMAT_TOO_LARGE', { what: 'snappy block', size, limit: most });
  const out = new Uint8Array(size);
  let filled = 0;
  const little = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i += 1) value += (bytes[at + i] ?? 0) * 256 ** i;
    at += count;
    return value;
  };
  while (at < bytes.length) {
    const tag = bytes[at]!;
    at += 1;
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const length = 1 + (short < 60 ? short : little(short - 59));
      if (at + length > bytes.length || filled + length > size) throw bad();
      out.set(bytes.subarray(at, at + length), filled);
      at += length;
      filled += length;
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset = kind === 1 ? (tag >> 5) * 256 + little(1) : little(kind === 2 ? 2 : 4);
    if (at > bytes.length || offset === 0 || offset > filled || filled + length > size) throw bad();
    // Byte by byte: a reference may overlap what it writes.
    for (let i = 0; i < length; i += 1, filled += 1) out[filled] = out[filled - offset]!;
  }
  if (filled !== size) throw bad();
  return out;
}

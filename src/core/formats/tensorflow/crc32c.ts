/** CRC-32C (Castagnoli, RFC 3720 B.4), as LevelDB tables use it: rotated and offset, so that a sum of a sum differs. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function crc32c(bytes: Uint8Array): number {
  const table = castagnoli();
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Made per call: blocks are few and small, and nothing here keeps state. */
function castagnoli(): Uint32Array {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    let value = i;
    for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0x82f63b78;
    table[i] = value >>> 0;
  }
  return table;
}

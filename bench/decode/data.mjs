/** Stored bytes like those of real weights: normal values, block scales of a few thousandths, every code. */

/** Standard normal numbers, the same on every run. */
function* normals() {
  let state = 1;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  for (;;) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    yield radius * Math.cos(angle);
    yield radius * Math.sin(angle);
  }
}

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);
function toHalf(x) {
  float[0] = x;
  const b = bits[0];
  const e = ((b >> 23) & 255) - 112;
  if (e <= 0) return ((b >>> 16) & 0x8000) | Math.round(Math.abs(x) * 2 ** 24);
  return ((b >>> 16) & 0x8000) | (e << 10) | ((b >> 13) & 1023);
}

const WRITERS = {
  F64: (view, at, x) => view.setFloat64(at, x, true),
  F32: (view, at, x) => view.setFloat32(at, x, true),
  F16: (view, at, x) => view.setUint16(at, toHalf(x), true),
  BF16: (view, at, x) => {
    float[0] = x;
    view.setUint16(at, bits[0] >>> 16, true);
  },
};

/** @returns {Uint8Array} about `size` bytes: a pattern of 1 MiB or so, repeated */
export function stored(dtype, codec, size, tileValues) {
  const tile = (tileValues / codec.blockValues) * codec.blockBytes;
  const pattern = new Uint8Array(tile * Math.max(1, Math.round(2 ** 20 / tile)));
  const view = new DataView(pattern.buffer);
  const normal = normals();
  const writer = WRITERS[{ C64: 'F32', C128: 'F64' }[dtype] ?? dtype];
  if (writer) {
    for (let at = 0; at < pattern.length; at += codec.blockBytes) writer(view, at, 0.02 * normal.next().value);
  } else {
    let state = 7;
    for (let i = 0; i < pattern.length; i++)
      pattern[i] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
    const blocks = codec.blockValues >= 32;
    for (let at = 0; at < (blocks ? pattern.length : 0); at += codec.blockBytes) {
      for (const field of codec.fields) {
        const scale = 0.003 * (1 + Math.abs(normal.next().value));
        if (field.width === 2) view.setUint16(at + field.at, toHalf(scale), true);
        else view.setFloat32(at + field.at, scale, true);
      }
      // The scale of IQ1_M lies in the top nibbles of four words.
      if (dtype === 'IQ1_M')
        for (let i = 0; i < 4; i++)
          pattern[at + 49 + 2 * i] = (pattern[at + 49 + 2 * i] & 15) | (((0x1e24 >> (4 * i)) & 15) << 4);
    }
  }
  const whole = new Uint8Array(pattern.length * Math.max(1, Math.floor(size / pattern.length)));
  for (let at = 0; at < whole.length; at += pattern.length) whole.set(pattern, at);
  return whole;
}

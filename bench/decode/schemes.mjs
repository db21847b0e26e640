/** Made-up layers of 4096 x 4096 in the quantised layouts: how fast they come out. */

const N = 4096;
const noise = (length) => {
  const bytes = new Uint8Array(length);
  let state = 5;
  for (let i = 0; i < length; i++) bytes[i] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
  return bytes;
};
const halves = (count) => new Uint8Array(new Uint16Array(count).fill(0x1e00).buffer);
const floats = (count) => new Uint8Array(new Float32Array(count).fill(0.01).buffer);
const text = (value) => new TextEncoder().encode(JSON.stringify(value));

const state = text({ blocksize: 64, dtype: 'float16', shape: [N, N] });
/** Name of the layout → [parts as name: [dtype, shape, bytes], config]. */
const LAYERS = {
  'GPTQ 4 bit': {
    'a.qweight': ['I32', [N / 8, N], noise((N * N) / 2)],
    'a.qzeros': ['I32', [N / 128, N / 8], noise((N * N) / 256)],
    'a.scales': ['F16', [N / 128, N], halves((N * N) / 128)],
  },
  AWQ: {
    'a.qweight': ['I32', [N, N / 8], noise((N * N) / 2)],
    'a.qzeros': ['I32', [N / 128, N / 8], noise((N * N) / 256)],
    'a.scales': ['F16', [N / 128, N], halves((N * N) / 128)],
  },
  'bitsandbytes nf4': {
    a: ['U8', [(N * N) / 2, 1], noise((N * N) / 2)],
    'a.absmax': ['F32', [(N * N) / 64], floats((N * N) / 64)],
    'a.quant_map': ['F32', [16], floats(16)],
    'a.quant_state.bitsandbytes__nf4': ['U8', [state.length], state],
  },
  'bitsandbytes int8': { 'a.weight': ['I8', [N, N], noise(N * N)], 'a.SCB': ['F32', [N], floats(N)] },
  'FP8 blocks': {
    'a.weight': ['F8_E4M3', [N, N], noise(N * N)],
    'a.weight_scale_inv': ['F32', [N / 128, N / 128], floats((N / 128) ** 2)],
  },
  'MLX 4 bit': {
    'a.weight': ['U32', [N, N / 8], noise((N * N) / 2)],
    'a.scales': ['F16', [N, N / 64], halves((N * N) / 64)],
    'a.biases': ['F16', [N, N / 64], halves((N * N) / 64)],
  },
  'MXFP4 blocks': {
    a_blocks: ['U8', [N, N / 32, 16], noise((N * N) / 2)],
    a_scales: ['U8', [N, N / 32], new Uint8Array((N * N) / 32).fill(120)],
  },
};

/** @returns {AsyncGenerator<[string, number, number]>} layout, stored bytes per second, values per second */
export async function* benchSchemes(core, kernels, rounds, median, cpuSeconds) {
  for (const [layout, parts] of Object.entries(LAYERS)) {
    const entries = new Map();
    for (const [name, [dtype, shape, bytes]] of Object.entries(parts)) {
      entries.set(name, { name, dtype, shape, byteLength: bytes.length, storage: { kind: 'range', start: 0 } });
    }
    const config = core.quantConfig({ quantization: { bits: 4, group_size: 64 } });
    const read = async (entry) => parts[entry.name][2];
    const { tensors } = await core.recognise({ entries, config, read });
    const source = {
      stream: async function* (entry) {
        yield parts[entry.name][2];
      },
    };
    const size = [...entries.values()].reduce((sum, entry) => sum + entry.byteLength, 0);
    const speeds = [];
    for (let round = 0; round < rounds; round++) {
      const start = cpuSeconds();
      await core.dequantise(tensors[0], entries, source, () => {}, { kernels });
      speeds.push(size / (cpuSeconds() - start));
    }
    yield [layout, median(speeds), (median(speeds) / size) * N * N];
  }
}

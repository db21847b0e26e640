/** What bench/decode.mjs needs of the core, bundled for Node. */
export { loadKernels } from '../../src/core/kernels/wasm.ts';
export { plainReductions } from '../../src/core/kernels/plain.ts';
export { TILE_VALUES } from '../../src/core/kernels/tile.ts';
export { canonicalNaN } from '../../src/core/tensors/decode/codec.ts';
export { codecOf, DECODED_DTYPES } from '../../src/core/tensors/decode/registry.ts';
export { quantConfig } from '../../src/core/tensors/schemes/config.ts';
export { dequantise } from '../../src/core/tensors/schemes/dequantise.ts';
export { recognise } from '../../src/core/tensors/schemes/registry.ts';

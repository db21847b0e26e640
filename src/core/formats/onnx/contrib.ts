/** Weights in ONNX Runtime's own operators (com.microsoft, ContribOperators.md): MatMulNBits, MatMulBnb4, GatherBlockQuantized. */
import { elementCount } from '../../tensors/dtypes.ts';
import type { VirtualTensor } from '../../tensors/schemes/scheme.ts';
import { attribute, SCALES, type Find } from './constants.ts';
import type { OnnxNode } from './types.ts';

/** Values of the two code books of MatMulBnb4 (onnxruntime, blockwise_quant_block_bnb4.h), of which FP4 has a sign bit. */
const FP4 = [0, 5.208333333e-3, 0.66666667, 1, 0.33333333, 0.5, 0.16666667, 0.25];
const NF4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
];
const BNB4: ReadonlyMap<number, readonly number[]> = new Map([
  [0, [...FP4, ...FP4.map((value) => -value)]],
  [1, NF4],
]);

/**
 * B is [N, blocks, bytes], lowest bits first; W[n, k] = (code - zero) * scale, the transpose of MatMul's weight. The group
 * of a column is its block, or what `g_idx` says. Codes beyond K fill up the last block.
 */
export function matMulNBits(node: OnnxNode, find: Find): VirtualTensor | undefined {
  const [, codesName = '', scaleName = '', zeroName = '', orderName = ''] = node.inputs;
  const codes = find(codesName);
  const scale = find(scaleName);
  const zero = zeroName === '' ? undefined : find(zeroName);
  const order = orderName === '' ? undefined : find(orderName);
  const [k = 0, n = 0, size = 0] = [attribute(node, 'K'), attribute(node, 'N'), attribute(node, 'block_size')];
  const bits = attribute(node, 'bits') ?? 4;
  if (codes === undefined || scale === undefined) return;
  if ((zeroName !== '' && zero === undefined) || (orderName !== '' && order === undefined)) return;
  // Weights that were laid out for one kind of processor.
  if ((attribute(node, 'weight_prepacked') ?? 0) !== 0) return;
  if (codes.dtype !== 'U8' || !SCALES.has(scale.dtype) || ![2, 4, 8].includes(bits)) return;
  if (!(k > 0 && n > 0 && size > 0) || (size * bits) % 8 !== 0) return;
  const width = Math.ceil(k / size);
  const columns = width * size;
  if (codes.byteLength !== (n * columns * bits) / 8 || elementCount(scale.shape) !== n * width) return;
  const packed = zero?.dtype === 'U8';
  if (zero !== undefined) {
    const wanted = packed ? n * Math.ceil((width * bits) / 8) : n * width;
    if (elementCount(zero.shape) !== wanted || (!packed && !SCALES.has(zero.dtype))) return;
  }
  if (order !== undefined) {
    const indices = elementCount(order.shape);
    if (order.dtype !== 'I32' || (indices !== k && indices !== columns)) return;
  }
  return {
    name: transposedName(codes.name),
    scheme: 'onnx-matmulnbits',
    dtype: scale.dtype,
    shape: [n, k],
    bits,
    groupSize: size,
    parts: [codes, scale, zero, order].flatMap((entry) => (entry === undefined ? [] : [entry.name])),
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'dtype', dtype: `U${bits}` },
      columns,
      scale: { part: scale.name, rows: 1, run: size, width },
      ...(zero === undefined ? { zero: 2 ** (bits - 1) } : {}),
      ...(zero === undefined ? {} : { zeros: { part: zero.name, ...(packed ? { inRows: { bits } } : {}) } }),
      ...(order === undefined ? {} : { groupIndex: order.name }),
      ...(k === columns ? {} : { kept: k }),
    },
  };
}

/** B is the flattened [N, K] weight, two codes to a byte, the first in the high half; blocks cross rows. */
export function matMulBnb4(node: OnnxNode, find: Find): VirtualTensor | undefined {
  const [, codesName = '', scaleName = ''] = node.inputs;
  const codes = find(codesName);
  const scale = find(scaleName);
  const [k = 0, n = 0, size = 0] = [attribute(node, 'K'), attribute(node, 'N'), attribute(node, 'block_size')];
  const values = BNB4.get(attribute(node, 'quant_type') ?? -1);
  if (codes === undefined || scale === undefined || values === undefined) return;
  const count = n * k;
  // One code more than there are weights would stand in the last byte.
  if (!(k > 0 && n > 0 && size > 0) || count % 2 !== 0 || (attribute(node, 'transB') ?? 1) !== 1) return;
  if (codes.dtype !== 'U8' || codes.byteLength !== count / 2 || !SCALES.has(scale.dtype)) return;
  const width = Math.ceil(count / size);
  if (elementCount(scale.shape) !== width) return;
  return {
    name: transposedName(codes.name),
    scheme: 'onnx-matmulbnb4',
    dtype: scale.dtype,
    shape: [n, k],
    bits: 4,
    groupSize: size,
    parts: [codes.name, scale.name],
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'codebook', values },
      columns: count,
      scale: { part: scale.name, rows: 1, run: size, width },
    },
  };
}

/**
 * An embedding in blocks along its last dimension: four-bit types with a zero point of 0 where none is stored, or bytes that
 * hold one or two unsigned codes, whose zero point is then in the middle.
 */
export function gatherBlocks(node: OnnxNode, find: Find): VirtualTensor | undefined {
  const [codesName = '', , scaleName = '', zeroName = ''] = node.inputs;
  const codes = find(codesName);
  const scale = find(scaleName);
  const zero = zeroName === '' ? undefined : find(zeroName);
  if (codes === undefined || scale === undefined || (zeroName !== '' && zero === undefined)) return;
  const bytes = codes.dtype === 'U8';
  const bits = bytes ? (attribute(node, 'bits') ?? 4) : 4;
  const size = attribute(node, 'block_size') ?? 128;
  const rank = codes.shape.length;
  const axis = attribute(node, 'quantize_axis') ?? 1;
  if (rank === 0 || (axis !== rank - 1 && axis !== -1) || !(bytes || codes.dtype === 'U4' || codes.dtype === 'I4'))
    return;
  if (!SCALES.has(scale.dtype) || (bits !== 4 && bits !== 8) || !(size > 0)) return;
  const lead = codes.shape.slice(0, -1);
  const columns = codes.shape.at(-1)! * (bytes ? 8 / bits : 1);
  const width = Math.ceil(columns / size);
  if (columns === 0 || scale.shape.join() !== [...lead, width].join()) return;
  const packed = bytes && bits === 4;
  if (zero !== undefined) {
    const wanted = [...lead, packed ? Math.ceil(width / 2) : width];
    if (zero.dtype !== codes.dtype || zero.shape.join() !== wanted.join()) return;
  }
  const middle = bytes && zero === undefined ? { zero: 2 ** (bits - 1) } : {};
  return {
    name: plainName(codes.name) === codes.name ? `${codes.name}^Q` : plainName(codes.name),
    scheme: 'onnx-gather-blocks',
    dtype: scale.dtype,
    shape: [...lead, columns],
    bits,
    groupSize: size,
    parts: [codes, scale, zero].flatMap((entry) => (entry === undefined ? [] : [entry.name])),
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'dtype', dtype: bytes ? `U${bits}` : codes.dtype },
      columns,
      scale: { part: scale.name, rows: 1, run: size, width },
      ...middle,
      ...(zero === undefined ? {} : { zeros: { part: zero.name, ...(packed ? { inRows: { bits } } : {}) } }),
      ...(scale.dtype === 'F16' || scale.dtype === 'BF16' ? { round: scale.dtype } : {}),
    },
  };
}

/** Exporters add the layout to the name of the weight. */
function plainName(codes: string): string {
  return codes.replace(/_(?:Q\d+(?:G\d+)?|Bnb4)$/, '');
}

/** What is described is the transpose of the weight that MatMul would take. */
function transposedName(codes: string): string {
  return `${plainName(codes)}^T`;
}

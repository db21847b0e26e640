/** Four-bit floats with shared exponents (MXFP4, NVFP4) and compressed-tensors' packed integers. */
import type { TensorEntry } from '../entry.ts';
import { SCHEME_NOTE_MAX } from '../../limits.ts';
import { layerDtype } from './scaled.ts';
import type { ModelTensors, ScaleMeaning, Undecoded, VirtualTensor } from './scheme.ts';
import { placeScales } from './spread.ts';

export async function* recognisePacked(model: ModelTensors): AsyncIterable<VirtualTensor | Undecoded> {
  for (const [name, entry] of model.entries) {
    if (name.endsWith('_blocks') && entry.dtype === 'U8') {
      const base = name.slice(0, -'_blocks'.length);
      const scales = model.entries.get(`${base}_scales`);
      if (scales !== undefined) yield mxfp4(model, base, entry, scales);
    } else if (name.endsWith('.weight_packed')) {
      const layer = name.slice(0, -'.weight_packed'.length);
      const scale = model.entries.get(`${layer}.weight_scale`);
      if (scale === undefined) continue;
      if (entry.dtype === 'U8') yield fourBitFloat(model, `${layer}.weight`, entry, scale);
      else yield await integers(model, layer, entry, scale);
    } else if (entry.dtype === 'U8' && name.endsWith('.weight')) {
      const scale = model.entries.get(`${name}_scale`);
      if (scale?.dtype === 'F8_E4M3') yield fourBitFloat(model, name, entry, scale);
    }
  }
}

/** The layout of gpt-oss: blocks of 32 values in 16 bytes, one exponent for each. */
function mxfp4(model: ModelTensors, name: string, codes: TensorEntry, scales: TensorEntry): VirtualTensor | Undecoded {
  const parts = [codes.name, scales.name];
  const lead = codes.shape.slice(0, -1);
  const groups = lead.at(-1) ?? 0;
  if (codes.shape.at(-1) !== 16 || scales.dtype !== 'U8' || scales.shape.join() !== lead.join() || groups === 0) {
    return { name, scheme: 'mxfp4', why: 'layout', parts };
  }
  const columns = groups * 32;
  const scale = { part: scales.name, rows: 1, run: 32, width: groups, as: 'F8_E8M0' };
  return {
    name,
    scheme: 'mxfp4',
    dtype: model.config.computeDtype ?? 'BF16',
    shape: [...lead.slice(0, -1), columns],
    bits: 4,
    groupSize: 32,
    parts,
    recipe: { kind: 'rows', codes: codes.name, coding: { kind: 'dtype', dtype: 'F4' }, columns, scale },
  };
}

/** NVFP4 (a float8 scale for 16 values, times or over one for all) and MXFP4 (an exponent for 32) in two codes to a byte. */
function fourBitFloat(
  model: ModelTensors,
  name: string,
  codes: TensorEntry,
  scale: TensorEntry,
): VirtualTensor | Undecoded {
  const factor = model.entries.get(`${name}_scale_2`);
  const divisor = model.entries.get(`${name}_global_scale`);
  const global = factor ?? divisor;
  const exponent = scale.dtype === 'U8';
  const run = exponent ? 32 : 16;
  const parts = [codes, scale, global].filter((entry) => entry !== undefined).map((entry) => entry.name);
  const columns = (codes.shape.at(-1) ?? 0) * 2;
  const shape = [...codes.shape.slice(0, -1), columns];
  const width = columns / run;
  const wanted = [...shape.slice(0, -1), width];
  const scalar = global === undefined || (global.dtype === 'F32' && global.byteLength === 4);
  const known = exponent ? global === undefined : scale.dtype === 'F8_E4M3' && global !== undefined;
  if (!known || !scalar || scale.shape.join() !== wanted.join()) {
    return { name, scheme: exponent ? 'mxfp4' : 'nvfp4', why: 'layout', parts };
  }
  const meaning: ScaleMeaning = {
    ...(exponent ? { as: 'F8_E8M0' } : {}),
    ...(global === undefined ? {} : { global: { part: global.name, divide: factor === undefined } }),
  };
  return {
    name,
    scheme: exponent ? 'mxfp4' : 'nvfp4',
    dtype: layerDtype(model, name, scale, 'BF16'),
    shape,
    bits: 4,
    groupSize: run,
    parts,
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'dtype', dtype: 'F4' },
      columns,
      scale: { part: scale.name, rows: 1, run, width, ...meaning },
    },
  };
}

/** compressed-tensors `pack-quantized`: integers moved up to be unsigned, in 32-bit words along the columns. */
async function integers(
  model: ModelTensors,
  layer: string,
  codes: TensorEntry,
  scale: TensorEntry,
): Promise<VirtualTensor | Undecoded> {
  const { entries, config } = model;
  const name = `${layer}.weight`;
  const note = entries.get(`${name}_shape`);
  const zeros = entries.get(`${name}_zero_point`);
  const index = entries.get(`${name}_g_idx`);
  const parts = [codes, scale, zeros, index, note].filter((entry) => entry !== undefined).map((entry) => entry.name);
  const refuse = (why: Undecoded['why']): Undecoded => ({ name, scheme: 'compressed-tensors', why, parts });
  const shape = note === undefined ? undefined : await matrixShape(model, note);
  if (shape === undefined || codes.dtype !== 'I32' || codes.shape.length !== 2 || codes.shape[0] !== shape[0]) {
    return refuse('layout');
  }
  const [rows, columns] = shape;
  const fits = (bits: number): boolean => columns * bits === codes.shape[1]! * 32;
  const bits = [config.bits ?? 0, 4, 8].find((bits) => (bits === 4 || bits === 8) && fits(bits));
  const placed = placeScales(shape, scale.shape, undefined);
  if (bits === undefined || placed === undefined || (placed.spread.rows !== 1 && placed.kind === 'block')) {
    return refuse('layout');
  }
  const { spread } = placed;
  // Zero points are packed down each column of the scales; both were moved up, so the offsets cancel.
  const packedZeros = zeros?.dtype === 'I32';
  if (zeros !== undefined) {
    const wanted = packedZeros ? [Math.ceil((rows * bits) / 32), spread.width] : scale.shape;
    if (zeros.shape.join() !== wanted.join() || (!packedZeros && zeros.dtype !== 'I8') || spread.rows !== 1) {
      return refuse('layout');
    }
  }
  if (index !== undefined && (index.dtype !== 'I32' || index.shape.join() !== String(columns))) return refuse('layout');
  return {
    name,
    scheme: 'compressed-tensors',
    dtype: layerDtype(model, codes.name, scale, 'BF16'),
    shape,
    bits,
    groupSize: spread.run,
    parts,
    recipe: {
      kind: 'rows',
      codes: codes.name,
      coding: { kind: 'dtype', dtype: bits === 4 ? 'U4' : 'U8' },
      columns,
      scale: { part: scale.name, ...spread },
      ...(packedZeros ? {} : { zero: 2 ** (bits - 1) }),
      ...(zeros === undefined
        ? {}
        : { zeros: { part: zeros.name, ...(packedZeros ? { packed: { bits, minus: 0 } } : {}) } }),
      ...(index === undefined ? {} : { groupIndex: index.name }),
    },
  };
}

/** Two 64-bit integers: rows and columns before packing. */
async function matrixShape(model: ModelTensors, note: TensorEntry): Promise<readonly [number, number] | undefined> {
  if (note.dtype !== 'I64' || note.byteLength !== 16 || note.byteLength > SCHEME_NOTE_MAX) return undefined;
  const bytes = await model.read(note);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [rows, columns] = [view.getBigInt64(0, true), view.getBigInt64(8, true)];
  const limit = 2n ** 31n;
  return rows > 0n && columns > 0n && rows < limit && columns < limit ? [Number(rows), Number(columns)] : undefined;
}

/** The visible list of stored dtypes that can be decoded, by canonical name. */
import type { Codec } from './codec.ts';
import * as blocks from './ggml-blocks.ts';
import * as grids from './ggml-grids.ts';
import * as supers from './ggml-superblocks.ts';
import * as plain from './plain-types.ts';
import { SMALL_TYPES } from './small-types.ts';

const CODECS: ReadonlyMap<string, () => Codec> = new Map<string, () => Codec>([
  ['F64', () => plain.F64],
  ['F32', () => plain.F32],
  ['F16', () => plain.F16],
  ['BF16', () => plain.BF16],
  ['I64', () => plain.I64],
  ['U64', () => plain.U64],
  ['I32', () => plain.I32],
  ['U32', () => plain.U32],
  ['I16', () => plain.I16],
  ['U16', () => plain.U16],
  ...Object.entries(SMALL_TYPES),
  // Real and imaginary part, one after the other.
  ['C64', () => plain.F32],
  ['C128', () => plain.F64],
  ['Q1_0', () => blocks.Q1_0],
  ['Q2_0', () => blocks.Q2_0],
  ['Q4_0', () => blocks.Q4_0],
  ['Q4_1', () => blocks.Q4_1],
  ['Q5_0', () => blocks.Q5_0],
  ['Q5_1', () => blocks.Q5_1],
  ['Q8_0', () => blocks.Q8_0],
  ['Q8_K', () => blocks.Q8_K],
  ['TQ1_0', () => blocks.TQ1_0],
  ['TQ2_0', () => blocks.TQ2_0],
  ['MXFP4', () => blocks.MXFP4],
  ['NVFP4', () => blocks.NVFP4],
  ['IQ4_NL', () => blocks.IQ4_NL],
  ['IQ4_XS', () => blocks.IQ4_XS],
  ['Q2_K', () => supers.Q2_K],
  ['Q3_K', () => supers.Q3_K],
  ['Q4_K', () => supers.Q4_K],
  ['Q5_K', () => supers.Q5_K],
  ['Q6_K', () => supers.Q6_K],
  ['IQ1_S', grids.iq1s],
  ['IQ1_M', grids.iq1m],
  ['IQ2_XXS', grids.iq2xxs],
  ['IQ2_XS', grids.iq2xs],
  ['IQ2_S', grids.iq2s],
  ['IQ3_XXS', grids.iq3xxs],
  ['IQ3_S', grids.iq3s],
]);

/** Names of all dtypes that can be decoded. */
export const DECODED_DTYPES: readonly string[] = [...CODECS.keys()];

/** Numbers in one element: two for complex types, else one. */
export function valuesPerElement(dtype: string): 1 | 2 {
  return dtype === 'C64' || dtype === 'C128' ? 2 : 1;
}

/** The codec of a stored dtype, or nothing when its values are not defined here. */
export function codecOf(dtype: string): Codec | undefined {
  return CODECS.get(dtype)?.();
}

/**
 * Memory of the kernels module, in bytes. It is small on purpose: one tile in, one tile out, a second operand, tables and
 * a place for results. The module never grows it. Decoders and reductions read or write up to a few vectors past their
 * last value; `SLACK` is what lies behind every region for that.
 */
import { TILE_VALUES } from './tile.ts';

const SLACK = 4096;
const VALUES = TILE_VALUES * 4 + SLACK;

/** Below this the compiler may keep what it likes (it keeps nothing: the build refuses data segments). */
export const SCRATCH = 1024;
/** A look-up table of 256 entries of up to 16 bytes. */
export const TABLE = 4096;
export const TABLE_BYTES = 4096;
/** Grids and signs of the IQ types, at most 16 KiB each. */
export const GRIDS = {
  IQ1: 8192,
  IQ2_S: 24_576,
  IQ2_XS: 32_768,
  IQ2_XXS: 36_864,
  IQ3_S: 38_912,
  IQ3_XXS: 40_960,
} as const;
export const SIGNS = 41_984;
/** Stored bytes of one tile: float64 needs the most, 8 bytes a value. */
export const INPUT = 65_536;
export const INPUT_BYTES = TILE_VALUES * 8;
/** The decoded tile. */
export const OUTPUT = INPUT + INPUT_BYTES + SLACK;
/** Operands of reductions that were not decoded here. */
export const LEFT = OUTPUT + VALUES;
export const RIGHT = LEFT + VALUES;
/** Results of reductions: at most one float64 per value (rows of one column). */
export const RESULT = RIGHT + VALUES;
export const RESULT_BYTES = TILE_VALUES * 8;
/** WebAssembly pages of 64 KiB, minimum and maximum at once. */
export const PAGES = Math.ceil((RESULT + RESULT_BYTES) / 65_536);

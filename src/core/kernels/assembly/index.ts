/** The kernels module: AssemblyScript, compiled by scripts/build-kernels.mjs. Memory is laid out in ../layout.ts. */
export { bf16, f16, f32_ as f32, f64_ as f64, i16_ as i16, i32_ as i32, i64_ as i64, u16_ as u16, u32_ as u32, u64_ as u64 } from './plain';
export { lut2, lut4, lut6, lut8 } from './plain';
export { iq4_nl, iq4_xs, mxfp4, nvfp4, q1_0, q2_0, q4_0, q4_1, q5_0, q5_1, q8_0, q8_k, tq1_0, tq2_0 } from './blocks';
export { q2_k, q3_k, q4_k, q5_k, q6_k } from './superblocks';
export { iq1_m, iq1_s, iq2_s, iq2_xs, iq2_xxs, iq3_s, iq3_xxs } from './grids';
export { awq, gptq2, gptq3, gptq4, gptq8, regroup, rescale } from './scales';
export { census, dot, histogram, row_squares, sample, squares } from './reduce';

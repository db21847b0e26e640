/**
 * Every number that decides, with its source. `simulated`: chosen so that none of the honest runs of bench/checkpoints.mjs
 * is flagged and the forgeries are; the counts are in docs/checkpoints.md.
 */

/** Robust z of log(d ÷ Σ rates) that counts as a jump. The usual cut for gross outliers, as specified; simulated. */
export const JUMP_SCORE = 5;
/** Least deviation of log d: below 10 % apart (5 × 0.02), lengths are never called a jump. Simulated. */
export const JUMP_DEVIATION_LEAST = 0.02;
/**
 * And this many times as long as each neighbour, rates considered. The score alone flags six of ten honest runs, because
 * the first segments go farther than later ones; simulated.
 */
export const JUMP_NEIGHBOURS = 1.4;
/** Segments below which a median and its deviation mean little. Simulated. */
export const JUMP_SEGMENTS_LEAST = 8;
/** Steps of segments may differ by this factor before lengths are not comparable without a schedule. */
export const EVEN_STEPS = 1.5;

/** Way of the straight line ÷ way gone. Simulated. */
export const STRAIGHT_RATIO = 0.995;
/** Segments below which even honest runs are nearly straight. Simulated. */
export const STRAIGHT_SEGMENTS_LEAST = 3;

/** A checkpoint this many times the expected rounding off the line is not on it. Simulated. */
export const ON_LINE_ROUNDINGS = 1.5;
/** Segments shorter than this many times the rounding cannot tell. Simulated. */
export const RESOLVED_ROUNDINGS = 20;

/** All turns within this many deviations of independent noise, which leaves them once in 2,000 turns. Simulated. */
export const NOISE_SIGMAS = 3.5;
export const NOISE_TURNS_LEAST = 3;
/** With fewer numbers a real run hides in the noise as well. Simulated. */
export const NOISE_VALUES_LEAST = 1_000;
/** Independent noise around a minimum turns by −0.5; two checkpoints in the wrong order by more. Simulated. */
export const TURNED_BACK = -0.65;

/** A later checkpoint this much farther from the end than the one before. Simulated. */
export const AWAY_FROM_END = 1.25;
export const APPROACH_SEGMENTS_LEAST = 4;
/** Segments of the last third this many times as long as those of the first, rates considered. Simulated. */
export const FASTER_LATER = 1.5;
export const FASTER_SEGMENTS_LEAST = 6;

/** Proof-of-Learning (Jia et al. 2021; `verify.py` of cleverhans-lab/Proof-of-Learning): p < 0.01, here over all tensors. */
export const INIT_CHANCE = 0.01;

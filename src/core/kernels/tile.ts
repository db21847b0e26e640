/**
 * How many values are worked on at once: 64 KiB of float32, which stays in the second-level cache of every machine. A
 * multiple of every block (256). Sums over a tensor are sums over these tiles, counted from its first value, so that
 * they do not depend on how its bytes arrived.
 */
export const TILE_VALUES = 16_384;

/** Which embedding rows EAS looks at: tokens that most vocabularies share, then a fixed random choice. */
import { RandomState } from '../numpy-random.ts';
import { pythonRound } from '../python/round.ts';
import type { Script } from './scripts.ts';

const WANTED = 64;
const SEED = 42;
/** The random choice is made among ids below this. */
const POOL_MAX = 50_000;
const SHARE_MIN = 0.05;

const FIXED = [...'0123456789.,!?:;'];
/** Frequent words and word parts by script, in the order in which they are tried. */
const BY_SCRIPT: Readonly<Partial<Record<Script, readonly string[]>>> = {
  Latin: 'the of and to in is that for it was on are with as be at ing tion er al ed es re en'.split(' '),
  CJK: [...'的一是不人我在有了这中大'],
  Cyrillic: 'и в не на я что он к'.split(' '),
  Arabic: 'من في على أن هذا الله إلى لا'.split(' '),
  Devanagari: 'के है का की यह से को पर'.split(' '),
};

/** Every string that may be asked for. */
export const ANCHOR_STRINGS: readonly string[] = [...FIXED, ...Object.values(BY_SCRIPT).flat()];

/**
 * @param firstId first token id of a string encoded without special tokens, null when there is none; null: no tokenizer
 * @param shares scripts of the vocabulary, most frequent first
 * @param rows rows of the embedding
 * @returns up to 64 ids
 */
export function anchorIds(
  firstId: ((text: string) => number | null) | null,
  shares: ReadonlyMap<string, number>,
  rows: number,
): number[] {
  const ids: number[] = [];
  const seen = new Set<number>();
  const take = (texts: readonly string[]): void => {
    for (const text of texts) {
      const id = firstId?.(text) ?? null;
      if (id === null || id < 0 || id >= rows || seen.has(id)) continue;
      ids.push(id);
      seen.add(id);
    }
  };
  take(FIXED);
  for (const [script, slots] of allocate(shares, WANTED - ids.length)) take(BY_SCRIPT[script]!.slice(0, slots));
  const missing = WANTED - ids.length;
  if (missing > 0) {
    const pool: number[] = [];
    for (let id = 0; id < Math.min(rows, POOL_MAX); id++) if (!seen.has(id)) pool.push(id);
    ids.push(...new RandomState(SEED).choice(pool, missing));
  }
  return ids.slice(0, WANTED);
}

/** Strings tried of each script, scripts in falling share. */
function allocate(shares: ReadonlyMap<string, number>, budget: number): [Script, number][] {
  const active = [...shares].filter(([script, share]) => share >= SHARE_MIN && script in BY_SCRIPT) as [
    Script,
    number,
  ][];
  if (active.length === 0) active.push(['Latin', 1]);
  const total = active.reduce((sum, [, share]) => sum + share, 0);
  const slots = new Map(active.map(([script, share]) => [script, Math.max(2, pythonRound((budget * share) / total))]));
  const surplus = [...slots.values()].reduce((sum, n) => sum + n, 0) - budget;
  if (surplus !== 0) {
    let largest = active[0]![0];
    for (const [script, n] of slots) if (n > slots.get(largest)!) largest = script;
    slots.set(largest, Math.max(2, slots.get(largest)! - surplus));
  }
  const falling = active.sort(([, a], [, b]) => b - a);
  return falling.map(([script]) => [script, slots.get(script)!]);
}

import { pythonRound } from '../python/round.ts';
import { Scripts, type Script } from './scripts.ts';

/**
 * Share of each script among the letters of all tokens, four decimals, most frequent first; scripts with equal counts
 * in the order in which they were met. Empty when no token holds a letter.
 */
export function scriptShares(tokens: Iterable<string>): ReadonlyMap<string, number> {
  const scripts = new Scripts();
  const counts = new Map<Script, number>();
  const known = new Map<number, Script | null>();
  let total = 0;
  for (const token of tokens) {
    for (const character of token) {
      const codePoint = character.codePointAt(0)!;
      let script = known.get(codePoint);
      if (script === undefined) {
        script = scripts.ofLetter(codePoint);
        known.set(codePoint, script);
      }
      if (script === null) continue;
      counts.set(script, (counts.get(script) ?? 0) + 1);
      total++;
    }
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return new Map(sorted.map(([script, count]) => [script, pythonRound(count / total, 4)]));
}

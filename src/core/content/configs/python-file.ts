/** Python beside weights: runs when a loader is told to trust it. Read as text, line by line. */
import type { FindingCollector } from '../collector.ts';

/** Calls that a model's own code hardly needs. */
const REACHING: readonly (readonly [RegExp, string])[] = [
  [/\bos\s*\.\s*(?:system|popen|exec[lv]\w*|spawn\w*|posix_spawn\w*)\s*\(/, 'starts programs'],
  [/\bsubprocess\b|\bpty\s*\.\s*spawn/, 'starts programs'],
  [/(?<![\w.]|def )(?:eval|exec|compile|__import__)\s*\(/, 'runs text as code'],
  [/\b(?:socket|urllib|requests|httpx|aiohttp|ftplib|smtplib)\b\s*\.\s*\w+/, 'uses the network'],
  [/\bctypes\b/, 'loads native code'],
  [/\b(?:pickle|marshal|dill|joblib|shelve)\s*\.\s*loads?\s*\(|\btorch\s*\.\s*load\s*\(/, 'loads pickles'],
  [/\bshutil\s*\.\s*rmtree|\bos\s*\.\s*(?:remove|unlink|rmdir|chmod)\s*\(/, 'removes files'],
  [/\bos\s*\.\s*environ\b|\bexpanduser\s*\(/, 'reads the surroundings'],
];
const LINES_MAX = 200_000;
const LINE_MAX = 2_000;

export function inspectPython(text: string, findings: FindingCollector): void {
  const effects = new Map<string, number>();
  const lines = text.split('\n', LINES_MAX);
  for (const [index, line] of lines.entries()) {
    const code = line.slice(0, LINE_MAX).replace(/(^|\s)#.*$/, '$1');
    for (const [pattern, effect] of REACHING)
      if (!effects.has(effect) && pattern.test(code)) effects.set(effect, index + 1);
  }
  const serious = [...effects.keys()].some((effect) => !['reads the surroundings', 'loads pickles'].includes(effect));
  const detail =
    effects.size === 0 ? {} : { effects: [...effects].map(([effect, line]) => `${effect} (line ${line})`).join(', ') };
  findings.add('python-code', serious ? 'danger' : 'caution', { lines: lines.length, ...detail });
}

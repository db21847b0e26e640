import type { SetJudgement } from '../../../src/core/formats/set.ts';
import type { Engine, Kind, KindResult, KindRun } from '../kinds.ts';
import { findCases, type Cases } from './cases.ts';
import { compareGood, compareSet } from './compare-good.ts';
import { compareHostile } from './compare-hostile.ts';
import type { ComputedFile, FormatsJob } from './compute.ts';
import { readExpectations, type Expectations, type ExpectedSet } from './expectations.ts';
import { isCovered, isWanted } from './rows.ts';

/** What the golden README asks of a reader: an answer within 5 seconds. Memory: 300 MiB, by our own promise. */
const HOSTILE_MS = 5000;
const GROWTH_MAX = 300 * 1024 * 1024;
const GOOD_MS = 60_000;
const LINES_PER_CASE = 8;

interface Computed {
  readonly files: ReadonlyMap<string, ComputedFile>;
  readonly sets: readonly SetJudgement[];
  /** Cases that died, took too long or too much memory. */
  readonly failures: ReadonlyMap<string, string>;
  /** The largest growth of the process over one hostile case, where it can be measured. */
  readonly growth: number;
}

/** Model files: `expected/` with one JSON per good file or set, `hostile/expected.json` with one row per hostile file. */
export const formats: Kind = {
  async run({ folder, engine, only }: KindRun): Promise<KindResult> {
    const computed = await computeAll(findCases(folder), engine);
    // Nothing above this line has seen an expectation.
    return compareAll(readExpectations(folder), computed, only);
  },
};

async function computeAll({ hostile, sets, good }: Cases, engine: Engine): Promise<Computed> {
  const files = new Map<string, ComputedFile>();
  const judged: SetJudgement[] = [];
  const failures = new Map<string, string>();
  let growth = 0;
  const run = async (job: FormatsJob, limitMs: number, names: readonly string[]): Promise<unknown> => {
    const outcome = await engine.run(job, limitMs);
    if (outcome.ok && limitMs === HOSTILE_MS) growth = Math.max(growth, outcome.growth ?? 0);
    const fail = (why: string): void => names.forEach((name) => failures.set(name, why));
    if (!outcome.ok) fail(outcome.why);
    else if ((outcome.growth ?? 0) > GROWTH_MAX) fail(`took ${Math.round(outcome.growth! / 2 ** 20)} MiB`);
    return outcome.ok ? outcome.value : undefined;
  };
  // Hostile ones first: the process is small, so that growth shows.
  for (const [paths, payloads, limit] of [
    [hostile, false, HOSTILE_MS],
    [good, true, GOOD_MS],
  ] as const) {
    for (const path of paths) {
      const file = await run({ type: 'file', path, payloads }, limit, [path]);
      if (file !== undefined) files.set(path, file as ComputedFile);
    }
  }
  for (const { paths, beside } of sets) {
    const set = await run({ type: 'sets', paths, beside }, HOSTILE_MS, paths);
    if (set !== undefined) judged.push(set as SetJudgement);
  }
  return { files, sets: judged, failures, growth };
}

function compareAll(expected: Expectations, computed: Computed, only: readonly string[]): KindResult {
  let agree = 0;
  const differ: string[] = [];
  const uncovered = new Map<string, number>();
  const judge = (format: string, name: string, compare: () => string[], ...involved: string[]): void => {
    if (!isWanted(format, only)) return;
    if (!isCovered(format)) {
      uncovered.set(format, (uncovered.get(format) ?? 0) + 1);
      return;
    }
    const failure = involved.map((path) => computed.failures.get(path)).find((why) => why !== undefined);
    const lines = failure === undefined ? compare() : [failure];
    if (lines.length === 0) agree++;
    else differ.push(summary(name, lines));
  };
  for (const row of expected.good) {
    judge(row.format, row.file, () => compareGood(row, computed.files.get(row.file)), row.file);
  }
  for (const row of expected.sets) {
    const paths = row.files.map(({ file }) => file);
    judge(row.format, `${row.set} (set of ${paths.length})`, () => judgeSet(row, paths, computed), ...paths);
  }
  for (const row of expected.hostile) {
    const path = `hostile/${row.file}`;
    judge(row.format, path, () => compareHostile(row, computed.files.get(path), computed.sets), path);
  }
  const grown = `largest growth over a hostile case: ${Math.round(computed.growth / 2 ** 20)} MiB`;
  return { agree, differ, remarks: [...notCovered(uncovered), grown] };
}

function judgeSet(row: ExpectedSet, paths: readonly string[], { files, sets }: Computed): string[] {
  const wanted = paths.toSorted().join('\n');
  for (const judged of sets) {
    const found = judged.sets.find((set) => set.files.toSorted().join('\n') === wanted);
    if (found === undefined) continue;
    const problems = judged.errors
      .filter(({ path }) => paths.includes(path))
      .map(({ path, error }) => `${path}: ${error.code} ${JSON.stringify(error.detail).slice(0, 200)}`);
    return compareSet(row, files, found, problems);
  }
  return compareSet(row, files, undefined, []);
}

function summary(name: string, lines: readonly string[]): string {
  const more = lines.length > LINES_PER_CASE ? [`and ${lines.length - LINES_PER_CASE} more`] : [];
  return `${name}: ${[...lines.slice(0, LINES_PER_CASE), ...more].join('; ')}`;
}

function notCovered(uncovered: ReadonlyMap<string, number>): string[] {
  if (uncovered.size === 0) return [];
  const rows = [...uncovered.values()].reduce((sum, count) => sum + count, 0);
  return [`not covered: ${rows} (formats ${[...uncovered.keys()].sort().join(', ')})`];
}

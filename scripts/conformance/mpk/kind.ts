import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueRow } from '../../../src/core/db/catalogue.ts';
import type { Candidate } from '../../../src/core/signals/mpk/candidate.ts';
import type { LoadPath } from '../../../src/core/signals/mpk/weights.ts';
import type { Engine, Kind, KindResult, KindRun } from '../kinds.ts';
import { compareModel, type ExpectedModel } from './compare-model.ts';
import { comparePair, type ExpectedPair } from './compare-pair.ts';
import { compareScan, type ExpectedScan } from './compare-scan.ts';
import type { CaseModel, ComputedModel, ComputedPair, ComputedScan, MpkJob } from './compute.ts';
import { functionsDiffer } from './functions.ts';

const LIMIT_MS = 60_000;
const PATHS: readonly LoadPath[] = ['full', 'streaming', 'sliced'];
const LINES_PER_CASE = 6;

/** Golden values of the Model Provenance Kit: models with their features, pairs, scans, pure functions. */
export const mpk: Kind = {
  async run({ folder, engine, only }: KindRun): Promise<KindResult> {
    let agree = 0;
    const differ: string[] = [];
    const wanted = (part: string): boolean => only.length === 0 || only.includes(part);
    const judge = (name: string, lines: readonly string[]): void => {
      if (lines.length === 0) agree++;
      else
        differ.push(
          `${name}: ${[...lines.slice(0, LINES_PER_CASE), ...(lines.length > LINES_PER_CASE ? [`and ${lines.length - LINES_PER_CASE} more`] : [])].join('; ')}`,
        );
    };
    if (wanted('functions')) for (const { name, lines } of functionsDiffer(folder)) judge(name, lines);
    const models = readdirSync(join(folder, 'models')).sort();
    if (wanted('models')) {
      for (const name of models) {
        for (const path of PATHS) {
          const found = await run<ComputedModel>(engine, {
            type: 'model',
            files: listModel(folder, `models/${name}`),
            path,
          });
          // Only now what was expected is read.
          const expected = readJson<ExpectedModel>(folder, `expected/${name}.json`);
          judge(`${name} (${path})`, typeof found === 'string' ? [found] : compareModel(expected, found, path));
        }
      }
    }
    if (wanted('pairs')) {
      for (const row of readJson<{ pairs: ExpectedPair[] }>(folder, 'pairs.json').pairs) {
        const job: MpkJob = { type: 'pair', a: listModel(folder, row.a), b: listModel(folder, row.b) };
        const found = await run<ComputedPair>(engine, job);
        judge(`${row.a} with ${row.b}`, typeof found === 'string' ? [found] : comparePair(row, found));
      }
    }
    if (wanted('scans')) for (const { name, lines } of await scans(folder, engine)) judge(name, lines);
    return { agree, differ, remarks: [] };
  },
};

async function scans(folder: string, engine: Engine): Promise<{ name: string; lines: readonly string[] }[]> {
  const { bundled, custom } = readJson<Record<'bundled' | 'custom', ExpectedScan[]>>(folder, 'scan.json');
  const candidates = ownCatalogue();
  const out: { name: string; lines: readonly string[] }[] = [];
  const scan = async (
    row: ExpectedScan,
    where: string,
    from: Pick<Extract<MpkJob, { type: 'scan' }>, 'candidates' | 'kit'>,
  ): Promise<void> => {
    const files = listModel(folder, row.model);
    const found = await run<ComputedScan>(engine, {
      type: 'scan',
      files,
      top: row.top_k,
      threshold: row.threshold,
      ...from,
    });
    const name = `scan of ${row.model}, ${where}, top ${row.top_k ?? 'default'}`;
    out.push({ name, lines: typeof found === 'string' ? [found] : compareScan(row, found) });
  };
  for (const row of bundled) await scan(row, 'own catalogue', { candidates, kit: null });
  const root = 'custom_db';
  const paths = listFiles(folder, root);
  const zip = `${root}/deep-signals.zip`;
  for (const row of custom) {
    await scan(row, 'folder', { candidates: null, kit: { root, paths, zip: null } });
    if (paths.includes(zip)) await scan(row, 'zip', { candidates: null, kit: { root, paths, zip } });
  }
  return out;
}

/** The catalogue that this project publishes. */
function ownCatalogue(): Candidate[] {
  const lines = readFileSync(join(import.meta.dirname, findRoot(), 'db/models.jsonl'), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => catalogueRow(JSON.parse(line)));
}

/** From the bundle's folder up to the project. */
function findRoot(): string {
  let up = '.';
  for (let i = 0; i < 8; i++) {
    try {
      statSync(join(import.meta.dirname, up, 'db/models.jsonl'));
      return up;
    } catch {
      up = join(up, '..');
    }
  }
  throw new Error('db/models.jsonl was not found');
}

async function run<T>(engine: Engine, job: MpkJob): Promise<T | string> {
  const outcome = await engine.run(job, LIMIT_MS);
  return outcome.ok ? (outcome.value as T) : outcome.why;
}

function listModel(folder: string, model: string): CaseModel {
  return readdirSync(join(folder, model))
    .sort()
    .map((name) => ({ name, path: `${model}/${name}`, size: statSync(join(folder, model, name)).size }));
}

function listFiles(folder: string, below: string): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? listFiles(folder, `${below}/${entry.name}`) : [`${below}/${entry.name}`],
  );
}

function readJson<T>(folder: string, name: string): T {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
}

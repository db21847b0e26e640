/** `assay scan`: the nearest models of a catalogue by the score of the Model Provenance Kit. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { explain } from '../app/text/errors.ts';
import { KIT_MANIFEST } from '../core/db/catalogue.ts';
import { AppError } from '../core/errors.ts';
import type { LineageResult } from '../core/report/lineage.ts';
import type { DeepPlace } from '../core/scan/compare-request.ts';
import { scanLineage } from '../core/scan/lineage.ts';
import type { ScanMatch } from '../core/signals/mpk/scan.ts';
import type { Options } from './args.ts';
import { ComparePool } from './compare-pool.ts';
import { cacheFolder } from './feature-cache.ts';
import { readIntake } from './intake.ts';
import { databaseFiles, machine } from './machine.ts';
import { nodeHashes } from './node-hash.ts';
import { createProgressBar, printable } from './progress-bar.ts';
import { planTarget } from './session.ts';

const COULD_NOT = 2;
/** As shells expect of a program that was stopped. */
const STOPPED = 130;

export async function scan(options: Options, signal: AbortSignal): Promise<number> {
  const found = await run(options, signal);
  if (found.databaseError !== undefined && !found.stopped) {
    throw new AppError(found.databaseError.code, found.databaseError.detail);
  }
  const { info, counts, matches, missing, seconds, model } = found;
  const extracted = (model.seconds?.base ?? 0) + (model.seconds?.weights ?? 0);
  const times = {
    elapsed_ms: Math.round(seconds * 100_000) / 100,
    extract_seconds: Math.round(extracted * 1000) / 1000,
    lookup_seconds: Math.round(Math.max(0, seconds - extracted) * 1000) / 1000,
  };
  if (options.json) {
    const model_info = info && { model_path: options.target, ...info };
    const kit = { model_info, matches: matches.map(({ mpk }) => mpk), match_count: matches.length, ...times };
    const { scored, leftOut, withWeights } = counts;
    const mpk = info === null ? null : kit;
    console.log(
      JSON.stringify({ mpk, scored, leftOut, withWeights, missing, caution: caution(found), lineage: found }, null, 2),
    );
  } else if (info === null) {
    const words = missing.map(({ part, reason }) => `${part}: ${explain(reason).title} (${reason.code})`);
    console.error(printable(`Not compared: ${words.join('; ')}`));
  } else {
    console.log(lines(options, found, info, times).map(printable).join('\n'));
  }
  if (found.stopped) return STOPPED;
  return info === null ? COULD_NOT : 0;
}

async function run(options: Options, signal: AbortSignal): Promise<LineageResult> {
  const { db, offline, threshold, topK } = options;
  if (db === 'none') {
    throw new AppError('USAGE', { problem: 'A scan needs a database; --db none leaves nothing to search.' });
  }
  const model = await planTarget({ ...options, against: [] }, 'headers', signal);
  const deep = await deepPlace(db);
  const bar = createProgressBar(process.stderr);
  const pool = new ComparePool(offline, options.cache ? cacheFolder(process.env) : null);
  try {
    return await scanLineage(
      {
        model,
        // `--db` names either the database, or what the Kit publishes beside the own one.
        database: deep.kind === 'none' ? (db ?? '') : '',
        deep,
        ...(topK === undefined ? {} : { top: topK }),
        ...(threshold === undefined ? {} : { threshold }),
        now: new Date().toISOString(),
      },
      {
        ...machine(offline),
        hashes: nodeHashes(),
        databaseFiles: (base) => databaseFiles(base === '' ? undefined : base, offline),
        signals: (one, ctx) => pool.signals(one, ctx),
      },
      { signal, progress: ({ done, total, path }) => bar.update(done, total ?? done, path ?? ''), network() {} },
    );
  } finally {
    bar.clear();
    await pool.close();
  }
}

/** The own catalogue; with a zip, its weight signals as well; or a folder of the Kit. */
async function deepPlace(db: string | undefined): Promise<DeepPlace> {
  if (db !== undefined && /[.]zip$/i.test(db)) {
    const name = 'deep-signals.zip';
    const spec = /^https?:/.test(db)
      ? ({ kind: 'http', name, url: db } as const)
      : ({ kind: 'path', name, path: resolve(db) } as const);
    return { kind: 'zip', spec };
  }
  if (db === undefined || !existsSync(join(resolve(db), KIT_MANIFEST))) return { kind: 'none' };
  const intake = await readIntake(db, {});
  return { kind: 'folder', files: intake.kind === 'local' ? intake.files : [] };
}

function lines(
  options: Options,
  { matches, counts, missing, ...found }: LineageResult,
  f: NonNullable<LineageResult['info']>,
  times: Readonly<Record<string, number>>,
): string[] {
  const row = (key: string, value: string): string => `${`${key}:`.padEnd(34)}${value}`;
  const out = options.plain ? [] : ['What the Model Provenance Kit would say (its score, not a verdict of Assay):', ''];
  out.push(
    row('model', options.target),
    row('model_type', f.model_type),
    row('architectures', f.architectures.join(', ')),
    row('param_bucket', f.param_bucket),
    row('arch_hash', f.arch_hash),
    row('family_hash', f.family_hash),
    row('weight_signals', f.has_weight_signals ? 'yes' : 'no'),
    row('match_count', String(matches.length)),
  );
  if (options.timing) out.push(...Object.entries(times).map(([key, value]) => row(key, String(value))));
  for (const [i, match] of matches.entries()) out.push('---', ...matchLines(match.mpk, i + 1, row));
  for (const { part, reason } of missing) out.push(`? ${part} not compared: ${explain(reason).title} (${reason.code})`);
  out.push(
    '',
    `${counts.scored} models of a similar size were scored, ${counts.leftOut} of other sizes were not looked at.`,
  );
  const warning = caution({ matches, counts, missing, ...found });
  return warning === null ? out : [...out, warning];
}

function matchLines(match: ScanMatch, rank: number, row: (key: string, value: string) => string): string[] {
  const shown = (value: number | string | null): string =>
    value === null
      ? 'not compared'
      : typeof value === 'number' && !Number.isInteger(value)
        ? value.toFixed(4)
        : String(value);
  return [
    row(`match_${rank}_model_id`, match.model_id),
    row(`match_${rank}_family`, `${match.family_name} (${match.family_id})`),
    row(`match_${rank}_provenance_decision`, match.provenance_decision),
    row(`match_${rank}_match_type`, match.match_type),
    ...Object.entries(match.scores).map(([key, value]) => row(`match_${rank}_${key}`, shown(value))),
  ];
}

/** An equal configuration is never worded as a match of weights. */
function caution({ matches, counts }: LineageResult): string | null {
  const byConfig = matches.filter(({ mpk }) => mpk.scores.mfi_tier <= 2).map(({ model }) => model);
  const said = [];
  if (byConfig.length > 0) {
    said.push(
      `${byConfig.join(', ')}: “Confirmed Match” rests on equal configurations alone; models with unrelated weights share them.`,
    );
  }
  if (counts.withWeights === 0) {
    said.push('Weights were not compared: --db names a folder or a zip that has the signals of these models.');
  }
  return said.length === 0 ? null : said.join(' ');
}

/** `assay scan`: the nearest models of a catalogue by the score of the Model Provenance Kit. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { explain } from '../app/text/errors.ts';
import { openHttp } from '../core/bytes/http.ts';
import { KIT_MANIFEST, KIT_MANIFEST_MAX, readCatalogue, readKitFolder } from '../core/db/catalogue.ts';
import { deepFromFolder, deepInZip, zipFiles } from '../core/db/deep-files.ts';
import { openDatabase, type DatabaseFiles } from '../core/db/lookup.ts';
import { AppError } from '../core/errors.ts';
import type { Candidate, DeepSignals } from '../core/signals/mpk/candidate.ts';
import { scanDatabase, type ScanMatch, type ScanOutcome } from '../core/signals/mpk/scan.ts';
import type { ModelSignals } from '../core/signals/mpk/model.ts';
import type { Options } from './args.ts';
import { openFile } from './fs-source.ts';
import { databaseFiles, folderDatabase, machine } from './machine.ts';
import { signalsOf } from './model-signals.ts';
import { printable } from './progress-bar.ts';

const COULD_NOT = 2;

/** What is searched. */
interface Searched {
  readonly candidates: readonly Candidate[];
  readonly deep?: DeepSignals;
}

export async function scan(options: Options, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const model = await signalsOf(options.target, options, signal);
  const extracted = performance.now();
  const { fingerprint, tokenizer } = model;
  if (fingerprint === null || tokenizer === null) {
    const words = model.missing.map(({ part, reason }) => `${part}: ${explain(reason).title} (${reason.code})`);
    console.error(printable(`Not compared: ${words.join('; ')}`));
    return COULD_NOT;
  }
  const { candidates, deep } = await searched(options, signal);
  const outcome = await scanDatabase({ ...model, fingerprint, tokenizer }, candidates, {
    ...(options.topK === undefined ? {} : { top: options.topK }),
    ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
    ...(deep === undefined ? {} : { deep }),
  });
  const ended = performance.now();
  const times = {
    elapsed_ms: Math.round((ended - started) * 100) / 100,
    extract_seconds: Math.round(extracted - started) / 1000,
    lookup_seconds: Math.round(ended - extracted) / 1000,
  };
  if (options.json) {
    const { matches, bucket, ...counts } = outcome;
    const mpk = {
      model_info: modelInfo(options.target, model, bucket),
      matches,
      match_count: matches.length,
      ...times,
    };
    console.log(JSON.stringify({ mpk, ...counts, missing: model.missing, caution: caution(outcome) }, null, 2));
  } else {
    console.log(lines(options, model, outcome, times).map(printable).join('\n'));
  }
  return 0;
}

/** MPK's `ScanModelInfo`. */
function modelInfo(path: string, { fingerprint, weights }: ModelSignals, bucket: string) {
  const f = fingerprint!;
  return {
    model_path: path,
    model_type: f.model_type,
    architectures: f.architectures,
    hidden_size: f.hidden_size,
    num_hidden_layers: f.num_hidden_layers,
    num_attention_heads: f.num_attention_heads,
    num_key_value_heads: f.num_key_value_heads,
    head_dim: f.head_dim,
    intermediate_size: f.intermediate_size,
    vocab_size: f.vocab_size,
    tie_word_embeddings: f.tie_word_embeddings,
    hidden_act: f.hidden_act,
    num_parameters: null,
    arch_hash: f.arch_hash,
    family_hash: f.family_hash,
    param_bucket: bucket,
    has_weight_signals: weights !== null,
  };
}

/** The own catalogue; with a zip, its weight signals as well; or a folder of the Kit. */
async function searched({ db, offline }: Options, signal: AbortSignal): Promise<Searched> {
  if (db !== undefined && /[.]zip$/i.test(db)) {
    const source = /^https?:/.test(db)
      ? await openHttp({ name: 'deep-signals.zip', url: db }, machine(offline).http!, signal)
      : await openFile({ name: 'deep-signals.zip', path: resolve(db), followLinks: true }, signal);
    const inside = await zipFiles(source, signal);
    const deep = deepInZip(inside, signal);
    // A zip of a whole folder of the Kit brings its own catalogue.
    if ((await inside.get(KIT_MANIFEST, KIT_MANIFEST_MAX, signal)) !== null)
      return { candidates: await readKitFolder(inside, signal), deep };
    return { ...(await searchOwn(databaseFiles(undefined, offline)!, signal)), deep };
  }
  if (db !== undefined && existsSync(join(resolve(db), KIT_MANIFEST))) {
    const files = folderDatabase(resolve(db));
    return { candidates: await readKitFolder(files, signal), deep: deepFromFolder(files, signal) };
  }
  const files = databaseFiles(db, offline);
  if (files === null)
    throw new AppError('USAGE', { problem: 'A scan needs a database; --db none leaves nothing to search.' });
  return searchOwn(files, signal);
}

/** Shards, with their weight signals when these lie beside them. */
async function searchOwn(files: DatabaseFiles, signal: AbortSignal): Promise<Searched> {
  const { manifest } = await openDatabase({ files, sha256 }, signal);
  const candidates = await readCatalogue(manifest, files, sha256, signal);
  const deep = (manifest.sections.models?.deep ?? 0) > 0;
  return { candidates, ...(deep ? { deep: deepFromFolder(files, signal) } : {}) };
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return createHash('sha256').update(bytes).digest();
}

function lines(
  options: Options,
  model: ModelSignals,
  outcome: ScanOutcome,
  times: Readonly<Record<string, number>>,
): string[] {
  const row = (key: string, value: string): string => `${`${key}:`.padEnd(34)}${value}`;
  const f = model.fingerprint!;
  const out = options.plain ? [] : ['What the Model Provenance Kit would say (its score, not a verdict of Assay):', ''];
  out.push(
    row('model', options.target),
    row('model_type', f.model_type),
    row('architectures', f.architectures.join(', ')),
    row('param_bucket', outcome.bucket),
    row('arch_hash', f.arch_hash),
    row('family_hash', f.family_hash),
    row('weight_signals', model.weights === null ? 'no' : 'yes'),
    row('match_count', String(outcome.matches.length)),
  );
  if (options.timing) out.push(...Object.entries(times).map(([key, value]) => row(key, String(value))));
  for (const [i, match] of outcome.matches.entries()) out.push('---', ...matchLines(match, i + 1, row));
  for (const { part, reason } of model.missing)
    out.push(`? ${part} not compared: ${explain(reason).title} (${reason.code})`);
  out.push(
    '',
    `${outcome.scored} models of a similar size were scored, ${outcome.leftOut} of other sizes were not looked at.`,
  );
  const warning = caution(outcome);
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
function caution({ matches, withWeights }: ScanOutcome): string | null {
  const byConfig = matches.filter(({ scores }) => scores.mfi_tier <= 2).map(({ model_id }) => model_id);
  const said = [];
  if (byConfig.length > 0) {
    said.push(
      `${byConfig.join(', ')}: “Confirmed Match” rests on equal configurations alone; models with unrelated weights share them.`,
    );
  }
  if (withWeights === 0) {
    said.push('Weights were not compared: --db names a folder or a zip that has the signals of these models.');
  }
  return said.length === 0 ? null : said.join(' ');
}

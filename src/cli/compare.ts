/** `assay compare`: what the Model Provenance Kit would say about two models. */
import { explain } from '../app/text/errors.ts';
import { compareModels, type Comparison } from '../core/signals/mpk/compare.ts';
import type { ModelSignals } from '../core/signals/mpk/model.ts';
import type { Options } from './args.ts';
import { signalsOf } from './model-signals.ts';
import { printable } from './progress-bar.ts';

/** A signal that could not be had is exit status 2, as for every command. */
const COULD_NOT = 2;

export async function compare(options: Options, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const names = [options.target, options.other!] as const;
  const a = await signalsOf(names[0], options, signal);
  const b = await signalsOf(names[1], options, signal);
  const found = compareModels(a, b);
  const seconds = (performance.now() - started) / 1000;
  const timing = {
    total_seconds: rounded(seconds),
    metadata_extract_seconds: rounded(a.seconds.base + b.seconds.base),
    weight_feature_extract_seconds: rounded(a.seconds.weights + b.seconds.weights),
    cache_hit: 'False',
  };
  if (options.json) {
    const mpk = found.mpk && {
      model_a: names[0],
      model_b: names[1],
      ...found.mpk,
      time_seconds: timing.total_seconds,
      timing,
    };
    const missing = missingOf(names, a, b);
    console.log(
      JSON.stringify(
        { mpk, vocab_overlap: found.overlap, layers: found.layers, missing, caution: caution(found) },
        null,
        2,
      ),
    );
  } else {
    console.log(lines(names, a, b, found, options, timing).map(printable).join('\n'));
  }
  return found.mpk === null ? COULD_NOT : 0;
}

function lines(
  names: readonly [string, string],
  a: ModelSignals,
  b: ModelSignals,
  { mpk, ...rest }: Comparison,
  options: Options,
  timing: Readonly<Record<string, number | string>>,
): string[] {
  const shown = (value: number | null): string => value?.toFixed(4) ?? 'not compared';
  const out: string[] = [];
  if (mpk === null) out.push('The Model Provenance Kit would give no score for these two.');
  else {
    if (!options.plain) out.push('What the Model Provenance Kit would say (its score, not a verdict of Assay):', '');
    const rows: [string, string][] = [
      ['model_a', names[0]],
      ['model_b', names[1]],
      ['family_a', mpk.family_a],
      ['family_b', mpk.family_b],
      ['provenance_decision', mpk.scores.provenance_decision],
      ['pipeline_score', shown(mpk.scores.pipeline_score)],
      ['mfi_score', shown(mpk.scores.mfi_score)],
      ['mfi_tier', String(mpk.scores.mfi_tier)],
      ['mfi_match', mpk.scores.mfi_match],
      ['identity_score', shown(mpk.scores.identity_score)],
      ['tokenizer_score', shown(mpk.scores.tokenizer_score)],
      ...Object.entries(mpk.signals).map(([name, value]): [string, string] => [name, shown(value)]),
    ];
    if (options.timing)
      rows.push(...Object.entries(timing).map(([key, value]): [string, string] => [key, String(value)]));
    out.push(...rows.map(([key, value]) => `${`${key}:`.padEnd(32)}${value}`));
  }
  for (const { model, part, reason } of missingOf(names, a, b)) {
    const words = explain(reason);
    out.push(`? ${model}: ${part} not compared. ${words.title} (${reason.code})`, `    ${words.why}`);
  }
  const warning = caution({ mpk, ...rest });
  if (warning !== null) out.push('', warning);
  return out;
}

function missingOf(names: readonly [string, string], a: ModelSignals, b: ModelSignals) {
  return [a, b].flatMap(({ missing }, i) => missing.map((one) => ({ model: names[i]!, ...one })));
}

/** Known defects of the score, where they bite. An equal configuration is never worded as a match of weights. */
function caution({ mpk }: Comparison): string | null {
  if (mpk === null) return null;
  const { mfi_tier: tier, identity_score: identity } = mpk.scores;
  if (tier <= 2) {
    const weights =
      identity === null ? 'No weights were compared.' : `Its own weight signals alone come to ${identity.toFixed(4)}.`;
    return `“${mpk.scores.provenance_decision}” rests on equal configurations alone, which models with unrelated weights share. ${weights}`;
  }
  return identity === null ? 'No weights were compared: this score is about configurations only.' : null;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

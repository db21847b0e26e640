/** One entry of a catalogue that reached the threshold, with every signal's value or why there is none. */
import {
  LINEAGE_SIGNALS,
  type LineageDatabase,
  type LineageMatch,
  type LineageSignal,
  type SignalReading,
} from '../report/lineage.ts';
import type { Candidate } from '../signals/mpk/candidate.ts';
import type { ModelSignals } from '../signals/mpk/model.ts';
import type { ScanMatch } from '../signals/mpk/scan.ts';
import type { DeepFound } from './lineage.ts';

const OF_WEIGHTS = ['eas', 'nlf', 'lep', 'end', 'wvc'] as const;
type OfWeights = (typeof OF_WEIGHTS)[number];

export function matchOf(
  match: ScanMatch,
  model: ModelSignals,
  candidate: Candidate | undefined,
  found: DeepFound | undefined,
  database: LineageDatabase,
): LineageMatch {
  const { scores } = match;
  const weightsCompared = OF_WEIGHTS.some((signal) => scores[signal] !== null);
  return {
    id: match.asset_id,
    model: match.model_id,
    family: { id: match.family_id, name: match.family_name },
    bucket: match.param_bucket,
    uri: candidate?.source_uri ?? '',
    score: scores.pipeline_score,
    signals: LINEAGE_SIGNALS.map((signal) => readingOf(signal, match, model, found, database)),
    weightsCompared,
    // The first two tiers decide alone, whatever the weights say (lineage.md 13, D1 and D2).
    configurationOnly: scores.mfi_tier <= 2 || scores.identity_score === null,
    mpk: match,
  };
}

function readingOf(
  signal: LineageSignal,
  { scores }: ScanMatch,
  model: ModelSignals,
  found: DeepFound | undefined,
  database: LineageDatabase,
): SignalReading {
  if (signal === 'mfi') return { signal, value: scores.mfi_score };
  if (signal === 'tfv') return { signal, value: scores.tfv };
  // MPK counts the overlap of vocabularies as none here, for no catalogue keeps them.
  if (signal === 'voa') return { signal, value: null, gap: 'not-kept' };
  const value = scores[signal];
  return value === null ? { signal, value, ...gapOf(signal, model, found, database) } : { signal, value };
}

function gapOf(
  signal: OfWeights,
  model: ModelSignals,
  found: DeepFound | undefined,
  database: LineageDatabase,
): Pick<SignalReading, 'gap' | 'error'> {
  const own = model.weights?.[signal] ?? null;
  if (own === null) {
    const missing = model.missing.find(({ part }) => part === signal || part === 'weights');
    return { gap: 'model', ...(missing === undefined ? {} : { error: missing.reason }) };
  }
  if (found === undefined) return { gap: database.deep === 'none' ? 'not-at-hand' : 'not-recorded' };
  if (!('gap' in found)) return { gap: found.signals[signal] === null ? 'not-recorded' : 'undefined' };
  return found.gap === 'unreadable' ? { gap: found.gap, error: found.error } : { gap: found.gap };
}

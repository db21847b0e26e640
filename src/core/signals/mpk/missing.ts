/** Why a weight signal of a model is not there, in a sentence. */
import type { ErrorData } from '../../errors.ts';
import { layerIndex } from './names.ts';
import { NORM_VALUES_MIN } from './nlf.ts';
import type { ExtractedWeights } from './weights.ts';

export type SignalName = 'eas' | 'nlf' | 'lep' | 'end' | 'wvc';

export interface MissingSignal {
  readonly part: SignalName;
  readonly reason: ErrorData;
}

/** @param left why tensors of another container have no counterpart, if some have none */
export function missingSignals(
  weights: ExtractedWeights,
  hasTokenizer: boolean,
  left: string | null,
): readonly MissingSignal[] {
  const { embedding, skipped } = weights;
  const out: MissingSignal[] = [];
  const note = (part: SignalName, present: boolean, why: string): void => {
    if (!present) out.push({ part, reason: { code: 'SIGNAL_NO_COUNTERPART', detail: { signal: part, why } } });
  };
  const behind = left === null ? '' : ` ${left}`;
  const unread = (of: (name: string) => boolean): string => {
    const found = skipped.find(({ name }) => of(name));
    return found === undefined ? behind : ` ${found.name.slice(0, 120)}: ${found.why}.`;
  };
  const noEmbedding =
    embedding === null
      ? `No tensor bears the name of a token embedding.${behind}`
      : `The token embedding could not be used: it has another shape, too few rows, or is not decoded.${unread((name) => name === embedding)}`;
  const usable = weights.anchors.length > 0;
  note(
    'eas',
    weights.eas !== null,
    usable && !hasTokenizer ? 'Which rows of the embedding it looks at is for the tokenizer to say.' : noEmbedding,
  );
  note('end', weights.end !== null, usable ? 'The norm of a row of the embedding is not a number.' : noEmbedding);
  note(
    'nlf',
    weights.nlf !== null,
    `No vector of at least ${NORM_VALUES_MIN} numbers bears the name of a norm.${unread((name) => /norm/i.test(name))}`,
  );
  note(
    'lep',
    weights.lep !== null,
    `No matrix bears the number of a layer in its name.${unread((name) => layerIndex(name) !== null)}`,
  );
  note(
    'wvc',
    weights.wvc !== null,
    weights.lep === null
      ? `No matrix bears the number of a layer in its name.${behind}`
      : 'The names of these layers are not among those that this signal looks at.',
  );
  return out;
}

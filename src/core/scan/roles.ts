import { isAttestationName } from '../claims/attestations/registry.ts';
import { isClaimFile } from '../claims/registry.ts';
import { unfinishedName } from '../formats/disguise/unfinished.ts';
import { hasWeightsName, isNoWeightsName } from '../formats/weights-names.ts';
import type { PlannedArtifact } from './model.ts';

export type Role = PlannedArtifact['role'];

/** Configuration, tokenizers, indexes, scripts, model cards: what a loader or a person reads besides the weights. */
const SIDE = /\.(?:jinja2?|json|jsonl|md|model|py|spm|tiktoken|toml|txt|vocab|ya?ml)$/i;

/** What a file is in its model, by its name alone; null: the name does not tell (`sha256-6a0746…`, `LICENSE`). */
export function roleByName(path: string): Role | null {
  if (isClaimFile(path) || isAttestationName(path)) return 'claim';
  const ending = unfinishedName(path);
  // Whatever it will be: what must be said about it is that it is not finished.
  if (ending !== null) return 'weights';
  if (isNoWeightsName(path)) return 'other';
  if (hasWeightsName(path)) return 'weights';
  if (SIDE.test(path)) return 'side';
  return /\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(path.slice(path.lastIndexOf('/') + 1)) ? 'other' : null;
}

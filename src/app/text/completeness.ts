/** Words for what a bill of materials says at all: a description of the bill, never a mark. */
import type { CompletenessRow } from '../../core/claims/attestations/attestation.ts';
import { formatCount, plural } from '../../core/report/words/units.ts';

const TITLES: Readonly<Record<CompletenessRow['id'], string>> = {
  weightsHashes: 'A strong hash for every weights file',
  bomFormat: 'Which form it has',
  specVersion: 'Version of that form',
  serialNumber: 'Its own identifier',
  version: 'Which edition of the bill it is',
  primaryPurpose: 'What the thing is for',
  suppliedBy: 'Who supplies it',
  name: 'Name of the model',
  type: 'What kind of thing it describes',
  componentVersion: 'Version of the model',
  purl: 'Where it is published (package URL)',
  description: 'Description',
  licenses: 'Licence',
  downloadLocation: 'Where to download it',
  datasets: 'Data it was trained or tested on',
  ethicalConsiderations: 'Ethical considerations',
  energyConsumption: 'Energy used',
  hyperparameter: 'Hyperparameters',
  technicalLimitations: 'Limitations',
  safetyRiskAssessment: 'Assessment of safety risk',
  intendedUse: 'Intended use',
  typeOfModel: 'Type of model',
};

/** A title in lower case but for names, to stand in a list. */
export function completenessTitle({ id }: Pick<CompletenessRow, 'id'>): string {
  return TITLES[id];
}

export const TIER_WORDS: Readonly<Record<CompletenessRow['tier'], string>> = {
  critical: 'Expected of every bill',
  important: 'Expected of a bill of a model',
};

/** What the row says beyond there or not: how many of how many. */
export function completenessCount({ counted }: CompletenessRow): string | null {
  if (counted === undefined) return null;
  const [there, of] = counted;
  return of === 0 ? 'no weights file is here' : `${formatCount(there)} of ${plural(of, 'file')}`;
}

/** `It says 14 of the 21 things that people expect; 1 of 2 weights files has a strong hash.` */
export function completenessSentence(rows: readonly CompletenessRow[]): string {
  const fields = rows.filter(({ id }) => id !== 'weightsHashes');
  const said = fields.filter(({ present }) => present).length;
  const [there = 0, of = 0] = rows.find(({ id }) => id === 'weightsHashes')?.counted ?? [];
  const things = `It says ${formatCount(said)} of the ${formatCount(fields.length)} things that people expect of a model’s bill`;
  if (of === 0) return `${things}. No weights file is here.`;
  return `${things}. ${formatCount(there)} of ${plural(of, 'weights file')} ${there === 1 || of === 1 ? 'has' : 'have'} a strong hash in it, which is the one part that can be held against bytes.`;
}

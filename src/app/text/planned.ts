/** Words for the checks a plan announces: what will be answered, or why it will not. */
import type { PlannedCheck } from '../../core/scan/model.ts';
import { explain } from './errors.ts';

const KINDS: Readonly<Record<string, string>> = {
  'container-bounds': 'Is each file complete, with every tensor inside it?',
  'file-digest': 'Are the bytes of each file the stated ones?',
  'file-missing': 'Is a file missing, or one too many?',
  'tensor-digest': 'Are the bytes of each tensor the stated ones?',
  'known-file': 'Were these very bytes published before?',
  'header-digest': 'Is the header the stated one?',
  findings: 'Is something unusual inside?',
};

export interface PlannedWords {
  readonly text: string;
  /** Why not; empty when it will be answered. */
  readonly why: string;
}

export function plannedWords(check: PlannedCheck): PlannedWords {
  return {
    text: KINDS[check.kind] ?? check.kind.replaceAll('-', ' '),
    why: check.possible || !check.reason ? '' : explain(check.reason).why,
  };
}

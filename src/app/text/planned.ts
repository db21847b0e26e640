/** Words for the checks a plan announces: what will be answered, or why it will not. */
import { clean } from '../../core/report/words/detail.ts';
import type { PlannedCheck } from '../../core/scan/model.ts';
import { explain } from './errors.ts';

const QUESTIONS: Readonly<Record<string, string>> = {
  'container-bounds': 'Is every file complete, with each tensor inside it?',
  'file-digest': 'Are the bytes the stated ones, file by file?',
  'file-missing': 'Is a file missing, or one too many?',
  'tensor-digest': 'Are the bytes the stated ones, tensor by tensor?',
  'known-file': 'Were these very bytes published before?',
  findings: 'Is something unusual inside?',
  set: 'Do the files of the model fit together, as its configuration and index say?',
};

export interface PlannedWords {
  readonly text: string;
  /** Why not; empty when it will be answered. */
  readonly why: string;
}

export function plannedWords({ kind, possible, reason, detail }: PlannedCheck): PlannedWords {
  const text = QUESTIONS[kind] ?? clean(kind.replaceAll('-', ' '));
  if (possible) return { text, why: '' };
  if (reason) {
    const { title, why } = explain(reason);
    return { text, why: `${clean(String(detail?.['source'] ?? title))}: ${why}` };
  }
  if (detail?.['statements'] === 0) return { text, why: 'Nobody states what they should be, as far as is known.' };
  if (detail?.['depth'] === 'headers') return { text, why: 'That takes every byte.' };
  return { text, why: '' };
}

import type { ErrorDetail } from '../../core/errors.ts';
import { fact } from '../../core/report/words/detail.ts';

/** Words of one finding, fixed or made from its details. */
export type Text = string | ((detail: ErrorDetail) => string);

export interface FindingText {
  /** What is there. No full stop. */
  readonly title: Text;
  /** Why a person may care. */
  readonly why: Text;
}

/** What a finding is about, by whatever name its details give it. */
export const named = (d: ErrorDetail, otherwise: string): string => fact(d, 'key', 'name', 'tensor') || otherwise;

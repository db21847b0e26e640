/**
 * A fact about content worth a person's attention. `danger`: would run or reach something when loaded.
 * `caution`: unusual, ambiguous between readers or inconsistent. `note`: good to know.
 * Words live in `src/app/text/findings.ts`, one entry per code.
 */
export const FINDING_CODES = [
  'ambiguous-data',
  'bad-key',
  'bad-name',
  'bad-offsets',
  'bad-utf8',
  'bad-version',
  'custom-domain',
  'dangerous-op',
  'duplicate-key',
  'duplicate-tensor',
  'executable',
  'extension-mismatch',
  'header-start',
  'hole',
  'inconsistent-metadata',
  'injection-text',
  'long-name',
  'many-entries',
  'metadata-path',
  'missing-field',
  'nested-array',
  'nonzero-padding',
  'polyglot',
  'resource-op',
  'self-reference',
  'size-mismatch',
  'template-escape',
  'template-logic',
  'template-resource',
  'too-many-dimensions',
  'trailing-bytes',
  'unknown-field',
  'unlisted-tensor',
  'unsupported-feature',
  'unusual-type',
] as const;

export type FindingCode = (typeof FINDING_CODES)[number];
export type Severity = 'danger' | 'caution' | 'note';

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Path of the artifact; filled in by the scan. */
  readonly path?: string;
  /** Byte offset in the artifact, when the fact has a place. */
  readonly offset?: number;
  /** Length in bytes of that place. */
  readonly length?: number;
  /** Facts for the words. Strings may come from the file: shown as text only. */
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

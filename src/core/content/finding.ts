/**
 * A fact about content worth a person's attention. `danger`: would run or reach something when loaded.
 * `caution`: unusual, ambiguous between readers or inconsistent. `note`: good to know.
 * Words live in `src/app/text/findings.ts`, one entry per code.
 */
export const FINDING_CODES = [
  'all-zero-tensor',
  'ambiguous-data',
  'bad-checksum',
  'bad-frame',
  'bad-json',
  'bad-key',
  'bad-magic',
  'bad-name',
  'bad-offsets',
  'bad-persistent-id',
  'bad-protocol',
  'bad-utf8',
  'bad-version',
  'bad-yaml',
  'bom',
  'broken-stream',
  'computed-call',
  'computed-global',
  'custom-domain',
  'cyclic-structure',
  'dangerous-global',
  'dangerous-op',
  'decompression-bomb',
  'deep-structure',
  'duplicate-entry',
  'duplicate-key',
  'duplicate-tensor',
  'embedded-source',
  'equal-tensors',
  'executable',
  'exponential-structure',
  'extension-code',
  'extension-mismatch',
  'external-link',
  'external-storage',
  'foreign-repository',
  'header-start',
  'hole',
  'inconsistent-metadata',
  'injection-text',
  'keras-arbitrary-class',
  'keras-custom-class',
  'keras-external-path',
  'keras-lambda',
  'long-name',
  'long-number',
  'many-entries',
  'memo-index',
  'metadata-path',
  'missing-field',
  'multiple-streams',
  'nested-archive',
  'nested-array',
  'nested-pickle',
  'network',
  'non-finite-values',
  'nonzero-padding',
  'odd-global-name',
  'patched-global',
  'path-traversal',
  'polyglot',
  'prototype-key',
  'python-code',
  'regex-backtracking',
  'remote-code',
  'resource-call',
  'resource-op',
  'resource-shape',
  'self-reference',
  'size-mismatch',
  'stale-index',
  'symlink',
  'template-escape',
  'template-logic',
  'template-resource',
  'tensorflow-dangerous-op',
  'tokenizer-rewrite',
  'too-many-dimensions',
  'torchscript-dangerous-op',
  'trailing-bytes',
  'truncated',
  'unknown-field',
  'unknown-global',
  'unlisted-tensor',
  'unreadable-entry',
  'unsupported-feature',
  'unusual-type',
  'yaml-alias',
  'yaml-tag',
  'zip-ambiguous',
  'zip-inconsistent',
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

/** What a file is when it is not a model: looked at before any parser. */
export interface NotAModel {
  /** Words per kind live in `src/core/report/words/not-a-model.ts`. */
  readonly kind: NotAModelKind;
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

export const NOT_A_MODEL_KINDS = [
  '7z',
  'all-zero',
  'base64',
  'bzip2',
  'crlf-mangled',
  'elf',
  'empty',
  'ggml-legacy',
  'git-annex-pointer',
  'git-lfs-pointer',
  'gzip',
  'html',
  'json',
  'partial-download',
  'pdf',
  'pe',
  'pickle',
  'png',
  'pytorch-zip',
  'rar',
  'seven-bit',
  'text',
  'truncated',
  'utf16',
  'utf8-mangled',
  'xet-pointer',
  'xml',
  'xz',
  'zip',
  'zstd',
] as const;

export type NotAModelKind = (typeof NOT_A_MODEL_KINDS)[number];

/** Words of the Contents screen. */
import type { Severity } from '../../core/content/finding.ts';
import type { ImportClass } from '../../core/content/pickle/import.ts';
import type { PartKind } from '../../core/report/file-map.ts';
import type { ContentsView } from '../links/contents-link.ts';

export const VIEW_WORDS: Readonly<Record<ContentsView, string>> = {
  tensors: 'Tensors',
  map: 'Map of the file',
  metadata: 'Metadata',
  texts: 'Tokenizer and templates',
  findings: 'Findings',
};

/** A part of a file, and what that means. */
export const PART_WORDS: Readonly<Record<PartKind, { readonly title: string; readonly means: string }>> = {
  header: { title: 'Header', means: 'tables and names that say what the rest is' },
  tensor: { title: 'Tensor', means: 'numbers of the model' },
  record: { title: 'Record', means: 'an entry or pickle of the container' },
  padding: { title: 'Filling', means: 'up to where the next part may begin' },
  unclaimed: { title: 'Belongs to nothing', means: 'no part of the file refers to these bytes' },
  unmapped: { title: 'Structure', means: 'the container’s own records, which are not followed to the byte' },
};

export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  danger: 'Danger',
  caution: 'Caution',
  note: 'Note',
};

export const IMPORT_WORDS: Readonly<Record<ImportClass, { readonly title: string; readonly means: string }>> = {
  dangerous: { title: 'Dangerous', means: 'known to run or reach something' },
  unknown: { title: 'Unknown', means: 'on no list: nobody here can say what it does' },
  allowed: { title: 'Known', means: 'reviewed: rebuilds tensors and plain containers, and does nothing else' },
};

/** What a rare or packed stored type is; empty for those whose name says it. */
export function dtypeWords(dtype: string): string {
  if (/^Q\d|^IQ\d|^TQ\d|^MXFP4|^NVFP4/.test(dtype)) return ', blocks of codes that share a scale';
  if (dtype === 'BF16') return ', the upper half of a float32';
  if (dtype.startsWith('F8')) return ', 8-bit float';
  return '';
}

/** What a remark at a line of a template means; the construct follows. */
export function templateRemark(code: string): string {
  switch (code) {
    case 'template-escape':
      return 'reaches for Python’s insides, which a template has no use for:';
    case 'template-resource':
      return 'may take very long or fill the memory:';
    case 'template-logic':
      return 'acts on what a message says, or gives orders of its own:';
    case 'injection-text':
      return 'copies hidden or active text into every prompt:';
    default:
      return 'unusual:';
  }
}

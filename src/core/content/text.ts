import type { FindingCollector } from './collector.ts';

/**
 * Text from a file that a careless program could act on when it shows it. Assay shows all of it as plain text; the
 * finding tells people that other tools may not.
 */
interface Risk {
  readonly kind: string;
  readonly pattern: RegExp;
}

/** Texts longer than this are looked at only this far: a description is not a hiding place for megabytes. */
const LOOKED_AT = 64 * 1024;

/** All but tab and line ends, and but the ones that begin a terminal escape. */
const CONTROLS =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f\u0080-\u008f\u0091-\u009a\u009c\u009e\u009f]/;

/** No pattern here may backtrack over long runs: the text is chosen by an attacker. */
const RISKS: readonly Risk[] = [
  {
    kind: 'HTML',
    pattern: /<\/?(?:script|img|iframe|svg|object|embed|style|link|meta|base|form|math|body|video|audio)\b/i,
  },
  { kind: 'HTML', pattern: /<[a-z][^<>]{0,200}\bon[a-z]{3,20}\s{0,4}=/i },
  // Spaces and line breaks inside the scheme are skipped by browsers.
  { kind: 'script address', pattern: /(?:j\s?a\s?v\s?a\s?s\s?c\s?r\s?i\s?p\s?t|vbscript)\s?:/i },
  { kind: 'script address', pattern: /\bdata:text\/html/i },
  { kind: 'file address', pattern: /\bfile:\/\//i },
  // oxlint-disable-next-line no-control-regex
  { kind: 'terminal escape', pattern: /[\u001b\u009b\u0090\u009d]/ },
  { kind: 'control character', pattern: CONTROLS },
  { kind: 'reordering mark', pattern: /[\u202a-\u202e\u2066-\u2069]/ },
  // Tag characters spell ASCII that no font shows and every tokenizer reads.
  { kind: 'invisible text', pattern: /[\u200b\u2060-\u2064\ufeff]|[\u{e0000}-\u{e007f}]/u },
  { kind: 'path', pattern: /(?:^|[\\/])\.\.(?:[\\/]|$)/ },
  { kind: 'template', pattern: /\{\{|\{%|\$\{|#\{/ },
  { kind: 'formula', pattern: /^\s{0,8}[=@][A-Za-z]{1,30}\s{0,4}\(/ },
  { kind: 'formula', pattern: /^\s{0,8}[=+@-].{0,100}\|\s{0,2}'/ },
];

/** Ordinary names of tensors and keys, of which there may be hundreds of thousands: none of the patterns fits them. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/;

/** What could act in this text, without repeats; empty for ordinary text. */
export function riskyText(text: string): string[] {
  if (PLAIN.test(text) && !text.includes('..')) return [];
  const seen = text.slice(0, LOOKED_AT);
  return [...new Set(RISKS.filter(({ pattern }) => pattern.test(seen)).map(({ kind }) => kind))];
}

/** Adds `injection-text` when the text is risky. @param where facts for the words: `{key}` or `{tensor}` */
export function noteRiskyText(
  text: string,
  where: Readonly<Record<string, string | number | boolean>>,
  findings: FindingCollector,
): void {
  const kinds = riskyText(text);
  if (kinds.length === 0) return;
  findings.add('injection-text', 'caution', { ...where, kinds: kinds.join(', '), text: text.slice(0, 200) });
}

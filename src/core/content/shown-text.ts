/**
 * Text of a file that is shown to people or printed by tools, and tries to be more than text. Assay shows all of it as
 * plain text; a viewer that does not would run or obey it.
 */
export type TextTrick = 'markup' | 'script address' | 'direction control' | 'terminal control';

/** Tags that run, load or draw something. Tokens such as `<s>` and placeholders such as `<name>` are not among them. */
const MARKUP =
  /<\s*\/?\s*(?:script|iframe|object|embed|svg|img|style|link|meta|base|form|input|button|video|audio|math|template|marquee|body|html)\b[^>]{0,2000}/i;
const SCRIPT_ADDRESS = /(?:javascript|vbscript)\s*:|data\s*:\s*text\/html/i;
/** Unicode bidirectional overrides and isolates: what is read differs from what is stored (CVE-2021-42574). */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/;
/** Escape sequences for terminals. */
// oxlint-disable-next-line no-control-regex
const TERMINAL = /\u001b|\u009b/;

/** The first trick found, or null. */
export function textTrick(text: string): TextTrick | null {
  if (MARKUP.test(text)) return 'markup';
  if (SCRIPT_ADDRESS.test(text)) return 'script address';
  if (DIRECTION.test(text)) return 'direction control';
  if (TERMINAL.test(text)) return 'terminal control';
  return null;
}

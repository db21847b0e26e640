/**
 * Characters that are not seen, or change how others are seen, made visible: what a program reads must be what a person
 * reads. Marks replace the character, so a reordering mark cannot reorder.
 */

export interface Segment {
  readonly text: string;
  /** Set for a mark: what it stands for, in words. */
  readonly says?: string;
}

/** Names from the Unicode character database, for those that matter in model files. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'null character'],
  [0x07, 'bell'],
  [0x08, 'backspace'],
  [0x0d, 'carriage return'],
  [0x1b, 'escape'],
  [0x7f, 'delete'],
  [0xa0, 'no-break space'],
  [0xad, 'soft hyphen'],
  [0x200b, 'zero-width space'],
  [0x200c, 'zero-width non-joiner'],
  [0x200d, 'zero-width joiner'],
  [0x200e, 'left-to-right mark'],
  [0x200f, 'right-to-left mark'],
  [0x2028, 'line separator'],
  [0x2029, 'paragraph separator'],
  [0x202a, 'left-to-right embedding'],
  [0x202b, 'right-to-left embedding'],
  [0x202c, 'end of embedding'],
  [0x202d, 'left-to-right override'],
  [0x202e, 'right-to-left override'],
  [0x2060, 'word joiner'],
  [0x2066, 'left-to-right isolate'],
  [0x2067, 'right-to-left isolate'],
  [0x2068, 'first strong isolate'],
  [0x2069, 'end of isolate'],
  [0xfeff, 'byte-order mark'],
]);

/**
 * Controls (not tab and line feed), format characters, separators other than the space, private use, lone surrogates,
 * variation selectors, and letters that are drawn as nothing (combining grapheme joiner, Hangul and Khmer fillers, …).
 */
const ODD =
  // oxlint-disable-next-line no-misleading-character-class -- they are meant one by one
  /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\u{e0100}-\u{e01ef}]/u;
/** Emoji are held together by joiners and selectors on purpose. */
const EMOJI =
  /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?(?:\u200d\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)*/uy;
/** Tag characters spell ASCII that no font draws and every tokenizer reads. */
const TAGS = /[\u{e0000}-\u{e007f}]+/uy;

/** Cuts a text where something odd stands. Ordinary text comes back in one piece. */
export function segments(text: string): Segment[] {
  if (!ODD.test(text)) return text === '' ? [] : [{ text }];
  const list: Segment[] = [];
  let plain = 0;
  let at = 0;
  const mark = (end: number, segment: Segment): void => {
    if (at > plain) list.push({ text: text.slice(plain, at) });
    list.push(segment);
    at = plain = end;
  };
  while (at < text.length) {
    const code = text.codePointAt(at)!;
    const width = code > 0xffff ? 2 : 1;
    // Most of any text is neither.
    if (code >= 0x20 && code < 0x7f) {
      at += 1;
      continue;
    }
    EMOJI.lastIndex = at;
    if (code > 0xff && EMOJI.test(text)) {
      at = EMOJI.lastIndex;
      continue;
    }
    TAGS.lastIndex = at;
    if (TAGS.test(text)) {
      mark(TAGS.lastIndex, hiddenText(text.slice(at, TAGS.lastIndex)));
    } else if (ODD.test(text.slice(at, at + width))) mark(at + width, marked(code));
    else at += width;
  }
  if (at > plain) list.push({ text: text.slice(plain, at) });
  return list;
}

/** The same as text, for places that take no markup: `a⟨U+202E⟩b`. */
export function visibleText(text: string): string {
  return segments(text)
    .map((segment) => (segment.says === undefined ? segment.text : `⟨${segment.text}⟩`))
    .join('');
}

/** True when `segments` would mark something. */
export function hasOdd(text: string): boolean {
  return segments(text).some(({ says }) => says !== undefined);
}

function marked(code: number): Segment {
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES.get(code);
  return { text: point, says: name === undefined ? `invisible character ${point}` : `${name}, ${point}` };
}

function hiddenText(tags: string): Segment {
  const spelled = [...tags]
    .map((tag) => tag.codePointAt(0)! - 0xe0000)
    .map((code) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·'))
    .join('');
  return { text: `hidden: ${spelled}`, says: `hidden text in tag characters: ${spelled}` };
}

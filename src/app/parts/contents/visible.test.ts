import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasOdd, segments, visibleText } from './visible.ts';

test('reordering and invisible characters become marks with their code point', () => {
  expect(visibleText('a\u202eb\u200bc\u0000')).toBe('a⟨U+202E⟩b⟨U+200B⟩c⟨U+0000⟩');
  expect(segments('\u202e')[0]!.says).toBe('right-to-left override, U+202E');
});

test('text hidden in tag characters is spelled out', () => {
  const hidden = [...'run me'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('');
  expect(visibleText(`ok${hidden}.`)).toBe('ok⟨hidden: run me⟩.');
});

test('ordinary text of any language, tabs, lines and emoji are left alone', () => {
  for (const text of ['', 'plain', 'Grüße, 世界, العربية, हिन्दी', 'a\tb\nc', '👩🏽‍🔬 ❤️ 👨‍👩‍👧', 'Ġthe ▁le']) {
    expect(hasOdd(text), text).toBe(false);
    expect(visibleText(text)).toBe(text);
  }
});

test('a joiner between letters is marked although it is allowed between emoji', () => {
  expect(visibleText('a\u200db')).toBe('a⟨U+200D⟩b');
});

test('nothing is lost: unmarked pieces and marks cover the text, and no piece holds a reordering mark', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const list = segments(text);
      let rest = text;
      for (const { text: piece, says } of list) {
        if (says !== undefined) continue;
        const at = rest.indexOf(piece);
        expect(at).toBeGreaterThanOrEqual(0);
        rest = rest.slice(at + piece.length);
        expect(piece).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
      }
    }),
  );
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { templateNotes } from '../../../core/content/templates.ts';
import { placeRemarks, templateLines } from './template-lines.ts';

const kinds = (template: string) =>
  templateLines(template).map((line) => line.map(({ kind, text }) => `${kind}:${text}`));

test('tags, expressions, comments, strings and keywords are told apart', () => {
  expect(kinds("{% for m in messages %}\n{{ m['role'] }}{# note #}!")).toEqual([
    ['tag:{% ', 'keyword:for', 'tag: m ', 'keyword:in', 'tag: messages %}'],
    ['expression:{{ m[', "string:'role'", 'expression:] }}', 'comment:{# note #}', 'text:!'],
  ]);
});

test('an end inside a string does not end the tag, and a keyword inside a name is none', () => {
  expect(kinds("{{ '}}' + format }}")).toEqual([['expression:{{ ', "string:'}}'", 'expression: + format }}']]);
});

test('no character of any template is lost or added', () => {
  const part = fc.constantFrom('{{', '}}', '{%', '%}', '{#', '#}', "'", '"', '\\', '\n', ' if ', 'x', '{', '\u202e');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      const template = parts.join('');
      const back = templateLines(template)
        .map((line) => line.map(({ text }) => text).join(''))
        .join('\n');
      expect(back).toBe(template);
    }),
  );
});

test('what was found stands at its line; what is only put together while running has none', () => {
  const template =
    "hello\n{% set x = ''. __class__ %}\n{{ x | attr('y') }}\n{%- include 'a' %}\n{{ ['__glo', 'bals__']|join }}";
  const placed = placeRemarks(template, templateNotes(template));
  const at = (line: number): string[] => (placed.get(line) ?? []).map(({ text }) => text);
  expect(at(1)).toContain('.__class__');
  expect(at(2)).toContain('|attr');
  expect(at(3)).toContain('{% include %}');
  expect(at(-1)).toContain('__globals__');
});

/**
 * Words for every finding: what is there and why it may matter. Facts and their meaning, never an accusation:
 * most odd files come from an unusual tool. The type is a `Record`, so a new code without words does not compile.
 */
import type { Finding, FindingCode } from '../../core/content/finding.ts';
import type { ErrorDetail } from '../../core/errors.ts';
import { fact, num, phrase, size } from './facts.ts';
import { formatCount } from '../../core/report/words/units.ts';

type Text = string | ((detail: ErrorDetail) => string);
export interface FindingText {
  /** What is there. No full stop. */
  readonly title: Text;
  /** Why a person may care. */
  readonly why: Text;
}

const named = (d: ErrorDetail, otherwise: string): string => fact(d, 'key', 'name', 'tensor') || otherwise;

export const FINDING_WORDS: Readonly<Record<FindingCode, FindingText>> = {
  'ambiguous-data': {
    title: (d) => `${named(d, 'A tensor')} states its numbers in two ways`,
    why: 'One reader takes the first, another the second: they may not load the same weights.',
  },
  'bad-key': {
    title: (d) => `The metadata key ${named(d, 'of one entry')} breaks the rules of its format`,
    why: 'Some readers refuse such a file, others take it: they may not see the same thing.',
  },
  'bad-name': {
    title: (d) => `A tensor has an odd name: ${named(d, 'not printable')}`,
    why: 'Control characters, path parts or other unusual text in a name can confuse tools that print it or use it as a file name.',
  },
  'bad-offsets': {
    title: (d) => `${named(d, 'A tensor')} is not where the format would put it`,
    why: 'Readers that trust the order and readers that trust the offsets load different numbers.',
  },
  'bad-utf8': {
    title: (d) => `${named(d, 'A text')} is not valid UTF-8`,
    why: 'Readers may show or compare it differently.',
  },
  'bad-version': {
    title: (d) => `The file states version ${fact(d, 'version') || 'information'} that its format does not define`,
    why: 'It may come from a newer tool, or be damaged.',
  },
  'custom-domain': {
    title: (d) => `Operators from outside the standard: ${fact(d, 'domain', 'operator') || 'an unknown collection'}`,
    why: 'The model only runs with a library that provides them. Such a library is native code; get it from somebody you trust.',
  },
  'dangerous-op': {
    title: (d) => `The operator ${fact(d, 'operator', 'op') || 'of one node'} reaches outside the model`,
    why: 'It runs other code or opens files when the model runs. Assay ran nothing.',
  },
  'duplicate-key': {
    title: (d) => `${named(d, 'A metadata key')} is stated more than once`,
    why: 'Two readers may take different ones.',
  },
  'duplicate-tensor': {
    title: (d) => `${named(d, 'A tensor')} is there more than once`,
    why: 'Two readers may load different weights from the same file.',
  },
  executable: {
    title: (d) => `There is a program inside${phrase(d, ['kind', 'what'], (k) => ` (${k})`, '')}`,
    why: 'Weights need no machine code. Nothing was run.',
  },
  'extension-mismatch': {
    title: (d) =>
      `The name says ${fact(d, 'extension', 'named') || 'one format'}, the bytes say ${fact(d, 'format', 'actual') || 'another'}`,
    why: 'A loader that goes by the name and one that goes by the bytes treat this file differently.',
  },
  'header-start': {
    title: 'The header does not begin with “{”',
    why: 'Some readers skip what comes first, others refuse the file.',
  },
  hole: {
    title: (d) => `${size(d, 'bytes', 'length') || 'Some bytes'} between tensors belong to none`,
    why: 'Nothing in the file says what they are. Data can be hidden there.',
  },
  'inconsistent-metadata': {
    title: (d) => `The file disagrees with itself${phrase(d, ['key', 'what'], (k) => ` about ${k}`, '')}`,
    why: (d) =>
      phrase(
        d,
        ['stated', 'expected'],
        (s) => `It states ${s}; counted or computed is ${fact(d, 'actual', 'found') || 'something else'}.`,
        'What is stated and what is there do not agree.',
      ),
  },
  'injection-text': {
    title: (d) => `A text in the metadata${phrase(d, ['key'], (k) => ` (${k})`, '')} reads like instructions or markup`,
    why: 'A tool that shows or feeds it without care could act on it. Here it is shown as plain text.',
  },
  'long-name': {
    title: (d) =>
      `A name is unusually long${phrase(d, ['length'], () => ` (${formatCount(num(d, 'length') ?? 0)} bytes)`, '')}`,
    why: 'Some loaders have a fixed limit and refuse or cut it.',
  },
  'many-entries': {
    title: (d) =>
      `There are unusually many ${fact(d, 'what') || 'entries'}${phrase(d, ['count'], () => ` (${formatCount(num(d, 'count') ?? 0)})`, '')}`,
    why: 'Slow or careless readers may run out of memory.',
  },
  'metadata-path': {
    title: (d) => `The metadata names a program or library: ${fact(d, 'value', 'key') || 'a path'}`,
    why: 'A tool that follows the hint would load code from that place.',
  },
  'missing-field': {
    title: (d) => `${fact(d, 'field', 'key') || 'A customary field'} is missing`,
    why: 'Most tools expect it.',
  },
  'nested-array': {
    title: (d) => `${named(d, 'A metadata value')} is a list of lists`,
    why: 'The format allows it, common readers refuse it.',
  },
  'nonzero-padding': {
    title: (d) =>
      `The filling between tensors is not empty${phrase(d, ['bytes', 'length'], () => ` (${size(d, 'bytes', 'length')})`, '')}`,
    why: 'Padding is usually zeros. Data can be hidden there.',
  },
  polyglot: {
    title: (d) => `The file is also something else${phrase(d, ['kind', 'what', 'as'], (k) => `: ${k}`, '')}`,
    why: 'Another program would open the same bytes as another kind of file.',
  },
  'resource-op': {
    title: (d) =>
      `The operator ${fact(d, 'operator', 'op') || 'of one node'} asks for ${phrase(d, ['elements'], (n) => `${n} numbers`, 'more numbers than a machine holds')}`,
    why: 'A file of a few bytes can exhaust the memory of whoever runs it.',
  },
  'self-reference': {
    title: (d) => `${named(d, 'A tensor')} takes its numbers from the model file itself`,
    why: 'The description of the model then doubles as weights, which no exporter does.',
  },
  'size-mismatch': {
    title: (d) => `${named(d, 'A part')} does not have the size it states`,
    why: 'A reader that trusts the statement reads other bytes than one that computes it.',
  },
  'template-escape': {
    title: 'The chat template reaches for the inside of the program that runs it',
    why: (d) =>
      `${phrase(d, ['text', 'expression', 'name'], (t) => `It uses ${t}. `, '')}Templates need no such access; an unprotected engine could be made to run code. Nothing was run.`,
  },
  'template-logic': {
    title: 'The chat template changes what it says depending on the conversation',
    why: 'Text hidden in a template reaches the model without being seen. Read the template before relying on it.',
  },
  'template-resource': {
    title: 'The chat template could run for very long',
    why: 'Large loops or repetitions can make the program that renders it hang.',
  },
  'too-many-dimensions': {
    title: (d) => `${named(d, 'A tensor')} has more dimensions than usual readers take`,
    why: 'Common loaders stop at four.',
  },
  'trailing-bytes': {
    title: (d) => `${size(d, 'bytes', 'length', 'extra') || 'Some bytes'} follow after the end of the model`,
    why: 'Nothing in the file says what they are. Data can be hidden there.',
  },
  'unknown-field': {
    title: (d) =>
      `The header has a field that its format does not define${phrase(d, ['field', 'key'], (k) => `: ${k}`, '')}`,
    why: 'Readers ignore it; what it is for is unknown.',
  },
  'unlisted-tensor': {
    title: (d) => `${named(d, 'A tensor')} is in the file but not in the index`,
    why: 'Loaders that go by the index do not see it, others do.',
  },
  'unsupported-feature': {
    title: (d) => `The file uses a feature that no reader supports: ${fact(d, 'feature', 'what') || 'not named'}`,
    why: 'Readers may ignore it, so they may not see the same thing.',
  },
  'unusual-type': {
    title: (d) =>
      `${named(d, 'A tensor')} uses a rare number type${phrase(d, ['dtype', 'type'], (t) => ` (${t})`, '')}`,
    why: 'Few programs can load it.',
  },
};

export interface FindingWords {
  readonly title: string;
  readonly why: string;
}

/** One finding in words. */
export function describeFinding(finding: Finding): FindingWords {
  const words = FINDING_WORDS[finding.code];
  const say = (text: Text): string => (typeof text === 'function' ? text(finding.detail) : text);
  return { title: say(words.title), why: say(words.why) };
}

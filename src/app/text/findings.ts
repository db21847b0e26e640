/**
 * Words for every finding: what is there and why it may matter. Facts and their meaning, never an accusation:
 * most odd files come from an unusual tool. The type is a `Record`, so a new code without words does not compile.
 */
import type { Finding, FindingCode } from '../../core/content/finding.ts';
import { fact, num, phrase, size } from '../../core/report/words/detail.ts';
import { formatCount } from '../../core/report/words/units.ts';
import { CODE_FINDINGS } from './findings-code.ts';
import { NUMBER_FINDINGS } from './findings-numbers.ts';
import { named, type FindingText, type Text } from './finding-text.ts';

export const FINDING_WORDS: Readonly<Record<FindingCode, FindingText>> = {
  ...CODE_FINDINGS,
  ...NUMBER_FINDINGS,
  'ambiguous-data': {
    title: (d) => `${named(d, 'A tensor')} states its numbers in two ways`,
    why: 'One reader takes the first, another the second: they may not load the same weights.',
  },
  'bad-checksum': {
    title: (d) => `${fact(d, 'entry', 'member', 'name') || 'A part of the archive'} does not match its own checksum`,
    why: 'It was changed or damaged after writing, or its writer left the checksum out on purpose.',
  },
  'bad-json': {
    title: (d) => `${named(d, 'A part')} is not proper JSON`,
    why: 'Some programs read it all the same, others refuse it: they may not see the same thing.',
  },
  'bad-key': {
    title: (d) => `The metadata key ${named(d, 'of one entry')} breaks the rules of its format`,
    why: 'Some readers refuse such a file, others take it: they may not see the same thing.',
  },
  'bad-magic': {
    title: 'The file does not begin with the number its format requires',
    why: 'What stands there instead is read, and acted on, before any loader can notice.',
  },
  'bad-name': {
    title: (d) => `A tensor has an odd name: ${named(d, 'not printable')}`,
    why: 'Control characters, path parts or other unusual text in a name can confuse tools that print it or use it as a file name.',
  },
  'bad-offsets': {
    title: (d) => `${named(d, 'A tensor')} is not where the format would put it`,
    why: 'Readers that trust the order and readers that trust the offsets load different numbers.',
  },
  'bad-version': {
    title: (d) => `The file states version ${fact(d, 'version') || 'information'} that its format does not define`,
    why: 'It may come from a newer tool, or be damaged.',
  },
  'bad-yaml': {
    title: (d) => `The YAML at the start of the file is broken${phrase(d, ['why'], (w) => `: ${w}`, '')}`,
    why: 'Programs that read it see nothing, or something else than you do.',
  },
  bom: {
    title: (d) => `${fact(d, 'file') || 'The file'} begins with a byte-order mark`,
    why: 'Python’s JSON reader refuses it, others skip it.',
  },
  'decompression-bomb': {
    title: (d) =>
      `${named(d, 'A part')} unpacks to ${phrase(d, ['expanded'], () => size(d, 'expanded') ?? 'far more', 'far more')} from very little`,
    why: 'Weights hardly shrink when packed. A reader that unpacks this in one piece may run out of memory.',
  },
  'duplicate-entry': {
    title: (d) => `The archive holds ${fact(d, 'entry', 'name') || 'a name'} more than once`,
    why: 'Two readers may take different ones, and a scanner may look at the harmless one.',
  },
  'duplicate-key': {
    title: (d) => `${named(d, 'A metadata key')} is stated more than once`,
    why: 'Two readers may take different ones.',
  },
  'duplicate-tensor': {
    title: (d) => `${named(d, 'A tensor')} is there more than once`,
    why: 'Two readers may load different weights from the same file.',
  },
  'extension-mismatch': {
    title: (d) =>
      `The name says ${fact(d, 'extension', 'named') || 'one format'}, the bytes say ${fact(d, 'format', 'actual') || 'another'}`,
    why: 'A loader that goes by the name and one that goes by the bytes treat this file differently.',
  },
  'external-link': {
    title: (d) => `${named(d, 'A link')} leads into another file: ${fact(d, 'file') || 'not named'}`,
    why: 'A program that follows it reads a file of its own machine as if it were part of the model. Assay did not.',
  },
  'external-storage': {
    title: (d) => `${named(d, 'A tensor')} takes its numbers from another file: ${fact(d, 'file') || 'not named'}`,
    why: 'A program that loads it reads a file of its own machine as weights. Assay did not.',
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
    why: (d) =>
      `${phrase(d, ['kinds'], (k) => `It holds: ${k}. `, '')}A tool that shows or feeds it without care could act on it. Here it is shown as plain text.`,
  },
  'long-name': {
    title: (d) =>
      `A name is unusually long${phrase(d, ['length'], () => ` (${formatCount(num(d, 'length') ?? 0)} bytes)`, '')}`,
    why: 'Some loaders have a fixed limit and refuse or cut it.',
  },
  'long-number': {
    title: (d) => `A number has ${fact(d, 'digits') || 'thousands of'} digits`,
    why: 'Converting it can take very long; Python refuses it by default.',
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
  'nested-archive': {
    title: (d) => `There is an archive inside${phrase(d, ['entry', 'name'], (n) => ` (${n})`, '')}`,
    why: 'Scanners that do not unpack it do not see what it holds. It was looked into here.',
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
  'path-traversal': {
    title: (d) => `A name in the archive leads out of its folder: ${fact(d, 'entry', 'name') || 'not printable'}`,
    why: 'Unpacking it without care writes files elsewhere.',
  },
  polyglot: {
    title: (d) => `The file is also something else${phrase(d, ['kind', 'what', 'as'], (k) => `: ${k}`, '')}`,
    why: 'Another program would open the same bytes as another kind of file.',
  },
  'prototype-key': {
    title: (d) => `A table has the key ${fact(d, 'key') || '__proto__'}`,
    why: 'Careless JavaScript programs can be confused by it. Here it is plain text.',
  },
  'regex-backtracking': {
    title: (d) =>
      `A pattern of the tokenizer can take forever: ${fact(d, 'part', 'pattern') || 'a repetition in a repetition'}`,
    why: 'Some texts make it try more ways than there is time for, and whoever sends such a text stops the program.',
  },
  'self-reference': {
    title: (d) => `${named(d, 'A tensor')} takes its numbers from the model file itself`,
    why: 'The description of the model then doubles as weights, which no exporter does.',
  },
  'size-mismatch': {
    title: (d) => `${named(d, 'A part')} does not have the size it states`,
    why: 'A reader that trusts the statement reads other bytes than one that computes it.',
  },
  'stale-index': {
    title: (d) => `The index names ${fact(d, 'file') || 'a file'} that is not there, yet nothing is missing`,
    why: 'All tensors it places there are in other files: the weights were cut anew and the index was not renewed.',
  },
  symlink: {
    title: (d) => `An entry of the archive is a link to another place: ${fact(d, 'entry', 'name') || 'not named'}`,
    why: 'Unpacking it can read or overwrite files outside.',
  },
  'too-many-dimensions': {
    title: (d) => `${named(d, 'A tensor')} has more dimensions than usual readers take`,
    why: 'Common loaders stop at four.',
  },
  'trailing-bytes': {
    title: (d) => `${size(d, 'bytes', 'length', 'extra') || 'Some bytes'} follow after the end of the model`,
    why: 'Nothing in the file says what they are. Data can be hidden there.',
  },
  truncated: {
    title: 'The stream ends too early',
    why: 'What came before the end has already run when a loader notices.',
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
  'unreadable-entry': {
    title: (d) =>
      `${fact(d, 'entry', 'member', 'name') || 'A part of the archive'} could not be checked${phrase(d, ['reason'], (r) => `: ${r}`, '')}`,
    why: 'What is inside is unknown. That is not the same as harmless.',
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
  'yaml-alias': {
    title: (d) => `The YAML repeats parts of itself${phrase(d, ['aliases'], (n) => ` (${n} times)`, '')}`,
    why: 'Parts that repeat parts can grow beyond any memory. Model cards have no use for it.',
  },
  'yaml-tag': {
    title: (d) => `The YAML asks for a special object: ${fact(d, 'tag') || 'not named'}`,
    why: 'A careless YAML reader builds it, which can run programs. Nothing was built here.',
  },
  'zip-ambiguous': {
    title: (d) => `Readers may see different archives in this file${phrase(d, ['what'], (w) => `: ${w}`, '')}`,
    why: 'A scanner may look at one and a loader at the other.',
  },
  'zip-inconsistent': {
    title: (d) =>
      `The archive disagrees with itself${phrase(d, ['what'], (w) => ` about ${w}`, '')}${phrase(d, ['entry'], (e) => ` (${e})`, '')}`,
    why: 'Each file in a zip is described twice, and the two descriptions differ. A scanner may believe one and a loader the other.',
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

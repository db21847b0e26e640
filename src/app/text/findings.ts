/**
 * Words for every finding: what is there and why it may matter. Facts and their meaning, never an accusation:
 * most odd files come from an unusual tool. The type is a `Record`, so a new code without words does not compile.
 */
import type { Finding, FindingCode } from '../../core/content/finding.ts';
import type { ErrorDetail } from '../../core/errors.ts';
import { fact, num, phrase, size } from '../../core/report/words/detail.ts';
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
  'bad-checksum': {
    title: (d) => `${fact(d, 'entry', 'member', 'name') || 'A part of the archive'} does not match its own checksum`,
    why: 'It was changed or damaged after writing, or its writer left the checksum out on purpose.',
  },
  'bad-frame': {
    title: 'A pickle frame does not end where it says',
    why: 'Python’s two own readers treat such a stream differently: one refuses what the other runs.',
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
  'bad-persistent-id': {
    title: 'The pickle refers to outside data in an odd form',
    why: 'PyTorch writes such references in one fixed form.',
  },
  'bad-protocol': {
    title: (d) => `The pickle states protocol ${fact(d, 'protocol') || 'information'} that does not exist`,
    why: 'Python refuses it, other readers go on.',
  },
  'bad-utf8': {
    title: (d) => `${named(d, 'A text')} is not valid UTF-8`,
    why: 'Readers may show or compare it differently.',
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
  'broken-stream': {
    title: (d) => `The pickle stream breaks off${phrase(d, ['reason'], (r) => `: ${r}`, '')}`,
    why: 'Loading fails there, but everything before the break has already run. What follows could not be checked.',
  },
  'computed-call': {
    title: 'The pickle calls something it computed while loading',
    why: 'What would run cannot be read from the file. Weights never need this.',
  },
  'computed-global': {
    title: 'The pickle computes the name of what it imports',
    why: 'The name is not in the file as text, which hides it from scanners. Weights never need this.',
  },
  'custom-domain': {
    title: (d) => `Operators from outside the standard: ${fact(d, 'domain', 'operator') || 'an unknown collection'}`,
    why: 'The model only runs with a library that provides them. Such a library is native code; get it from somebody you trust.',
  },
  'cyclic-structure': {
    title: 'A list or table contains itself',
    why: 'It is legal; a careless reader never ends.',
  },
  'dangerous-global': {
    title: (d) => `Loading it would reach ${fact(d, 'global') || 'outside the data'}`,
    why: (d) =>
      `${phrase(d, ['does'], (r) => `This is known to ${r}. `, '')}Weights do not need it. Do not open this file with pickle or torch.load. Assay ran nothing.`,
  },
  'dangerous-op': {
    title: (d) => `The operator ${fact(d, 'operator', 'op') || 'of one node'} reaches outside the model`,
    why: 'It runs other code or opens files when the model runs. Assay ran nothing.',
  },
  'decompression-bomb': {
    title: (d) =>
      `${named(d, 'A part')} unpacks to ${phrase(d, ['expanded'], () => size(d, 'expanded') ?? 'far more', 'far more')} from very little`,
    why: 'Weights hardly shrink when packed. A reader that unpacks this in one piece may run out of memory.',
  },
  'deep-structure': {
    title: (d) => `The data are nested ${fact(d, 'depth') || 'very'} deep`,
    why: 'Readers that follow every level run out of stack.',
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
  'embedded-source': {
    title: (d) => `Python source text is embedded${phrase(d, ['global', 'name'], (n) => ` (for ${n})`, '')}`,
    why: 'Old PyTorch files carry the source of their classes. It is text and is not run when loading.',
  },
  executable: {
    title: (d) => `There is a program inside${phrase(d, ['kind', 'what'], (k) => ` (${k})`, '')}`,
    why: 'Weights need no machine code. Nothing was run.',
  },
  'exponential-structure': {
    title: 'A few bytes unfold into an enormous structure',
    why: 'A reader that writes it out or compares it never ends.',
  },
  'extension-code': {
    title: (d) => `The pickle imports by number${phrase(d, ['extension'], (c) => ` (extension ${c})`, '')}`,
    why: 'What the number stands for is decided by the computer that loads it, so the file does not say what would run.',
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
  'foreign-repository': {
    title: (d) => `It takes code from another repository: ${fact(d, 'repository') || 'not named'}`,
    why: 'Whoever owns that repository decides what runs, today and after any change there.',
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
  'keras-arbitrary-class': {
    title: (d) =>
      `Building the model would import ${fact(d, 'class') || 'something'}${phrase(d, ['module'], (m) => ` of ${m}`, '')}`,
    why: 'A Keras configuration may name any class or function. This one reaches outside the model: programs, files or the network. Nothing was run.',
  },
  'keras-custom-class': {
    title: (d) =>
      `The model needs the class ${fact(d, 'class') || 'of somebody'}${phrase(d, ['module'], (m) => ` of ${m}`, '')}`,
    why: 'It is not part of Keras. Whoever loads the model needs its code, and runs it.',
  },
  'keras-external-path': {
    title: (d) =>
      `The layer ${fact(d, 'layer', 'class') || 'of one kind'} reads a file of its own: ${fact(d, 'file') || 'not named'}`,
    why: 'Building the model opens that path on the machine that loads it.',
  },
  'keras-lambda': {
    title: (d) => `The layer ${fact(d, 'layer') || 'of one kind'} is Python code inside the file`,
    why: 'A Lambda layer stores compiled Python, which runs when the model is loaded or used. Keras refuses it unless safe mode is switched off. It was not run here.',
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
  'memo-index': {
    title: (d) => `The pickle stores a value at place ${fact(d, 'index') || 'far out'} of its memory table`,
    why: 'Readers that keep the table as one block ask for gigabytes.',
  },
  'metadata-path': {
    title: (d) => `The metadata names a program or library: ${fact(d, 'value', 'key') || 'a path'}`,
    why: 'A tool that follows the hint would load code from that place.',
  },
  'missing-field': {
    title: (d) => `${fact(d, 'field', 'key') || 'A customary field'} is missing`,
    why: 'Most tools expect it.',
  },
  'multiple-streams': {
    title: (d) => `There ${num(d, 'streams') === 2 ? 'are two pickles' : 'is more than one pickle'} in one file`,
    why: 'A loader reads the first; another call reads the next. A scanner that stops after the first misses the rest.',
  },
  'nested-archive': {
    title: (d) => `There is an archive inside${phrase(d, ['entry', 'name'], (n) => ` (${n})`, '')}`,
    why: 'Scanners that do not unpack it do not see what it holds. It was looked into here.',
  },
  'nested-array': {
    title: (d) => `${named(d, 'A metadata value')} is a list of lists`,
    why: 'The format allows it, common readers refuse it.',
  },
  'nested-pickle': {
    title: 'There is a pickle hidden inside the data of another',
    why: 'It is loaded by a call of the outer one, out of sight of scanners that read only the first.',
  },
  network: {
    title: (d) => `Loading it would use the network${phrase(d, ['global'], (g) => ` (${g})`, '')}`,
    why: 'It could fetch other code or tell somebody that the file was opened.',
  },
  'nonzero-padding': {
    title: (d) =>
      `The filling between tensors is not empty${phrase(d, ['bytes', 'length'], () => ` (${size(d, 'bytes', 'length')})`, '')}`,
    why: 'Padding is usually zeros. Data can be hidden there.',
  },
  'odd-global-name': {
    title: (d) => `An import has an odd name: ${fact(d, 'global') || 'empty'}`,
    why: (d) =>
      `${phrase(d, ['why'], (w) => `It has ${w}. `, '')}Names made to look like others fool people and scanners.`,
  },
  'patched-global': {
    title: (d) => `The pickle changes ${fact(d, 'global') || 'a library'} itself`,
    why: 'It writes into a module or class of the running program, so that harmless names do something else afterwards.',
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
  'python-code': {
    title: (d) => `There is Python beside the weights${phrase(d, ['effects'], (e) => `: it ${e}`, '')}`,
    why: 'It runs when a loader is told to trust remote code, or when somebody starts it. It was only read here.',
  },
  'regex-backtracking': {
    title: (d) =>
      `A pattern of the tokenizer can take forever: ${fact(d, 'part', 'pattern') || 'a repetition in a repetition'}`,
    why: 'Some texts make it try more ways than there is time for, and whoever sends such a text stops the program.',
  },
  'remote-code': {
    title: (d) =>
      `${fact(d, 'file') || 'The configuration'} asks for code from outside the library${phrase(d, ['classes'], (c) => `: ${c}`, '')}`,
    why: 'Loading the model with “trust remote code” runs Python that comes with the model. Without it, loading fails.',
  },
  'resource-call': {
    title: (d) => `Loading it would use up memory or time${phrase(d, ['global'], (g) => ` (${g})`, '')}`,
    why: 'A few bytes ask for far more than any model needs.',
  },
  'resource-op': {
    title: (d) =>
      `The operator ${fact(d, 'operator', 'op') || 'of one node'} asks for ${phrase(d, ['elements'], (n) => `${n} numbers`, 'more numbers than a machine holds')}`,
    why: 'A file of a few bytes can exhaust the memory of whoever runs it.',
  },
  'resource-shape': {
    title: (d) => `${named(d, 'A size')} is larger than any machine can hold`,
    why: 'A file of a few kilobytes can make a careless reader ask for more memory than there is.',
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
  'tensorflow-dangerous-op': {
    title: (d) =>
      `The operator ${fact(d, 'operator', 'op') || 'of one node'} reaches outside the model${phrase(d, ['effect'], (e) => ` (${e})`, '')}`,
    why: 'It reads or writes files, calls Python or opens connections when the model runs. Assay ran nothing.',
  },
  'tokenizer-rewrite': {
    title: (d) => `The tokenizer replaces words: “${fact(d, 'from') || '…'}” by “${fact(d, 'to') || 'nothing'}”`,
    why: 'The model then reads, or says, something else than what was written. Ordinary tokenizers replace spaces and punctuation only.',
  },
  'too-many-dimensions': {
    title: (d) => `${named(d, 'A tensor')} has more dimensions than usual readers take`,
    why: 'Common loaders stop at four.',
  },
  'torchscript-dangerous-op': {
    title: (d) => `The TorchScript code uses ${fact(d, 'op', 'operator') || 'an operator that reaches outside'}`,
    why: 'It reads or writes files or leaves the sandbox of tensor operations when the model runs.',
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
  'unknown-global': {
    title: (d) => `Loading it would import ${fact(d, 'global') || 'a name'} that is not on the reviewed list`,
    why: 'It may be the ordinary class of a library, or anything else: importing it runs code that is not in this file. It was not run here.',
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

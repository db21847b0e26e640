/** Words for findings about what would run, or decide what runs, when a file is loaded. */
import type { FindingCode } from '../../core/content/finding.ts';
import { fact, num, phrase } from '../../core/report/words/detail.ts';
import { named, type FindingText } from './finding-text.ts';

export const CODE_FINDINGS = {
  'bad-frame': {
    title: 'A pickle frame does not end where it says',
    why: 'Python’s two own readers treat such a stream differently: one refuses what the other runs.',
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
  'deep-structure': {
    title: (d) => `The data are nested ${fact(d, 'depth') || 'very'} deep`,
    why: 'Readers that follow every level run out of stack.',
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
  'foreign-repository': {
    title: (d) => `It takes code from another repository: ${fact(d, 'repository') || 'not named'}`,
    why: 'Whoever owns that repository decides what runs, today and after any change there.',
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
  'memo-index': {
    title: (d) => `The pickle stores a value at place ${fact(d, 'index') || 'far out'} of its memory table`,
    why: 'Readers that keep the table as one block ask for gigabytes.',
  },
  'multiple-streams': {
    title: (d) => `There ${num(d, 'streams') === 2 ? 'are two pickles' : 'is more than one pickle'} in one file`,
    why: 'A loader reads the first; another call reads the next. A scanner that stops after the first misses the rest.',
  },
  'nested-pickle': {
    title: 'There is a pickle hidden inside the data of another',
    why: 'It is loaded by a call of the outer one, out of sight of scanners that read only the first.',
  },
  network: {
    title: (d) => `Loading it would use the network${phrase(d, ['global'], (g) => ` (${g})`, '')}`,
    why: 'It could fetch other code or tell somebody that the file was opened.',
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
  'python-code': {
    title: (d) => `There is Python beside the weights${phrase(d, ['effects'], (e) => `: it ${e}`, '')}`,
    why: 'It runs when a loader is told to trust remote code, or when somebody starts it. It was only read here.',
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
  'torchscript-dangerous-op': {
    title: (d) => `The TorchScript code uses ${fact(d, 'op', 'operator') || 'an operator that reaches outside'}`,
    why: 'It reads or writes files or leaves the sandbox of tensor operations when the model runs.',
  },
  'unknown-global': {
    title: (d) => `Loading it would import ${fact(d, 'global') || 'a name'} that is not on the reviewed list`,
    why: 'It may be the ordinary class of a library, or anything else: importing it runs code that is not in this file. It was not run here.',
  },
} satisfies Partial<Record<FindingCode, FindingText>>;

/**
 * Words for every error code: what happened, why, and one thing to do next. Screens and the command line share them.
 * The type is a `Record`, so a new code without words does not compile.
 *
 * Details may hold strings from a hostile file: they are quoted, cut and shown as text, never as markup.
 */
import type { ErrorCode, ErrorData } from '../../core/errors.ts';
import { ATTEST_WORDS } from './errors-attest.ts';
import { FORMAT_WORDS } from './errors-format.ts';
import { TRUST_WORDS } from './errors-trust.ts';
import { fact, num, phrase, size, type CodeWords, type ErrorWords } from '../../core/report/words/detail.ts';
import { formatBytes } from '../../core/report/words/units.ts';
import { exactBytes } from './units.ts';

const DOWNLOAD_AND_DROP = 'Download the file and drop it here.';
const TRY_LATER = 'Wait a minute and try again.';
const DIGEST_HELP = 'Paste a digest such as sha256:… or drop the checksum list the publisher provides.';
const REPORT_IT = 'Try once more; if it happens again, please report it with this text.';

export const ERROR_WORDS: Readonly<Record<ErrorCode, CodeWords>> = {
  ...FORMAT_WORDS,
  ...ATTEST_WORDS,
  ...TRUST_WORDS,

  SOURCE_ABORTED: {
    title: 'You stopped this',
    why: 'The check was cancelled before this part was read.',
    next: 'Check again to read the rest.',
  },
  SOURCE_CHANGED: {
    title: (d) => `${fact(d, 'path', 'name') || 'The file'} changed while it was read`,
    why: 'Its size, date or version was different at the end than at the start, so no digest of it would mean anything.',
    next: 'Wait until whatever writes the file is done (a download, a sync, a training run), then check again.',
  },
  SOURCE_CORS: {
    title: 'This server does not let web pages read it',
    why: (d) =>
      `${fact(d, 'host', 'url') || 'The server'} sends no permission for other sites (CORS), so the browser withholds the answer.`,
    next: DOWNLOAD_AND_DROP,
  },
  SOURCE_FORBIDDEN_ORIGIN: {
    title: 'This address is not one Assay may ask',
    why: (d) =>
      `${phrase(d, ['url', 'host'], (u) => `${u} is outside the short list`, 'It is outside the short list')} of hosts this page is allowed to contact, which keeps anything it reads from leaking.`,
    next: DOWNLOAD_AND_DROP,
  },
  SOURCE_HTTP: {
    title: (d) => `The server answered ${num(d, 'status') ?? 'with an error'}`,
    why: (d) => `${fact(d, 'url', 'path', 'name') || 'The address'} could not be read from its host.`,
    next: 'Check the address, or download the file another way and drop it here.',
  },
  SOURCE_LENGTH: {
    title: (d) => `${fact(d, 'path', 'name') || 'The file'} gave fewer or more bytes than it should`,
    why: (d) => {
      const want = num(d, 'expected', 'wanted', 'size');
      const got = num(d, 'actual', 'got');
      if (want === null || got === null) return 'A read returned another number of bytes than was asked for.';
      return `${exactBytes(want)} were asked for and ${exactBytes(got)} came.`;
    },
    next: 'Check again. If the file is on a network drive or a cloud folder, copy it to this device first.',
  },
  SOURCE_NOT_FOUND: {
    title: (d) => `${fact(d, 'path', 'name', 'url') || 'The file'} is not there`,
    why: 'Nothing is stored at this place, or it was moved or deleted meanwhile.',
    next: 'Check the name, and pick the file again.',
  },
  SOURCE_OFFLINE: {
    title: 'The network cannot be reached',
    why: (d) =>
      `${fact(d, 'host', 'url') || 'The server'} did not answer: this device seems to be offline, or something on the way blocks the request.`,
    next: 'Files on this device can be checked without a network. For the rest, connect and check again.',
  },
  SOURCE_RANGE_IGNORED: {
    title: 'This server sends whole files only',
    why: 'It ignored the request for a part, so headers cannot be read without everything before and after them.',
    next: 'Choose the full check, which reads the file once from start to end.',
  },
  SOURCE_RANGE_LIED: {
    title: 'The server sent another part than it said',
    why: 'The range it declared does not fit the request, so the bytes cannot be trusted to be where they claim.',
    next: DOWNLOAD_AND_DROP,
  },
  SOURCE_STALLED: {
    title: 'The server went silent',
    why: (d) => `No byte came for ${Math.round((num(d, 'ms') ?? 20_000) / 1000)} seconds in the middle of an answer.`,
    next: TRY_LATER,
  },
  SOURCE_TOO_LARGE: {
    title: (d) => `${fact(d, 'path', 'name', 'what') || 'The file'} is larger than this kind of file may be`,
    why: (d) => {
      const limit = num(d, 'limit', 'max');
      return limit === null
        ? 'It would have to be held in memory as a whole.'
        : `It would have to be held in memory as a whole; ${formatBytes(limit)} is the most Assay takes for it.`;
    },
    next: 'If it is a model after all, give it its usual file ending and check again.',
  },
  SOURCE_UNREADABLE: {
    title: (d) => `${fact(d, 'path', 'name') || 'The file'} could not be read`,
    why: 'The system refused: the file may be locked, moved, on a disconnected drive, or a placeholder of a cloud folder.',
    next: 'Make sure it is on this device and closed elsewhere, then pick it again.',
  },

  CLAIM_ALGORITHM: {
    title: (d) =>
      `${phrase(d, ['algorithm'], (a) => `The digest algorithm ${a}`, 'This digest algorithm')} is not supported`,
    why: 'The statement can be read but not compared with the bytes.',
    next: 'Ask the publisher for SHA-256.',
  },
  CLAIM_DIGEST: {
    title: 'This is not a digest',
    why: (d) =>
      phrase(
        d,
        ['text', 'digest', 'value'],
        (t) => `${t} has the wrong length or holds characters that are not hexadecimal.`,
        'It has the wrong length or holds characters that are not hexadecimal.',
      ),
    next: DIGEST_HELP,
  },
  CLAIM_DUPLICATE: {
    title: (d) =>
      `${phrase(d, ['source', 'name'], (n) => n, 'The list')} says two things about ${fact(d, 'path') || 'one file'}`,
    why: 'It states different digests for the same name, so it cannot be right about both.',
    next: 'Get the list again from its publisher.',
  },
  CLAIM_EMPTY: {
    title: (d) => `${fact(d, 'source', 'name', 'path') || 'The list'} states nothing`,
    why: 'No line of it is a digest with a file name.',
    next: DIGEST_HELP,
  },
  CLAIM_PATH: {
    title: 'The list names a file outside its folder',
    why: (d) =>
      phrase(
        d,
        ['path'],
        (p) => `${p} points elsewhere (an absolute path, or one with “..”).`,
        'One of its paths is absolute or contains “..”.',
      ),
    next: 'Do not use this list before its publisher explains it.',
  },
  CLAIM_SYNTAX: {
    title: (d) => `${fact(d, 'source', 'name', 'path') || 'The statement'} could not be understood`,
    why: (d) => {
      const line = num(d, 'line');
      return line === null ? 'It is in none of the known forms.' : `Line ${line} is in none of the known forms.`;
    },
    next: DIGEST_HELP,
  },
  CLAIM_TOO_LARGE: {
    title: (d) => `${fact(d, 'source', 'name', 'path') || 'The list'} is too large to be a checksum list`,
    why: (d) => phrase(d, ['size'], () => `It has ${size(d, 'size')}.`, 'No repository has that many files.'),
    next: 'Make sure it is the list and not the model.',
  },

  DB_FORMAT: {
    title: 'The database could not be read',
    why: (d) =>
      phrase(
        d,
        ['file', 'path', 'shard', 'name', 'url'],
        (p) => `${p} is not in the form Assay knows.`,
        'One of its files is not in the form Assay knows.',
      ),
    next: 'Reload the page to get a fresh copy. Everything else was checked without it.',
  },
  DB_MANIFEST_MISSING: {
    title: 'There is no database here',
    why: 'Its manifest could not be fetched, so nothing was looked up. That is not the same as “not known”.',
    next: 'Connect to the network once, or reload the page.',
  },
  DB_ROLLED_BACK: {
    title: 'The database is older than the one used before',
    why: 'Somebody may be showing an old copy in place of the current one.',
    next: 'Reload the page; if it stays, do not rely on this copy.',
  },
  DB_SHARD_DIGEST: {
    title: (d) =>
      `${phrase(d, ['file', 'shard', 'path', 'name'], (s) => `Database file ${s}`, 'A database file')} is not the published one`,
    why: 'Its SHA-256 differs from what the manifest states, so it was refused and nothing in it was used.',
    next: 'Clear the stored data in Settings and reload.',
  },
  DB_SHARD_MISSING: {
    title: (d) =>
      `${phrase(d, ['file', 'shard', 'path', 'name'], (s) => `Database file ${s}`, 'A database file')} could not be fetched`,
    why: 'The part of the database that would know this file is not at hand. That is not the same as “not known”.',
    next: 'Connect to the network once, then check again.',
  },
  DB_TOO_NEW: {
    title: 'The database is newer than this program',
    why: (d) =>
      phrase(
        d,
        ['version'],
        (v) => `It has version ${v}, which this program cannot read.`,
        'Its version is one this program cannot read.',
      ),
    next: 'Update Assay (reload the page), then check again.',
  },

  HUB_FORBIDDEN: {
    title: (d) => `Hugging Face does not let you read ${fact(d, 'repo') || 'this repository'}`,
    why: 'The token that was used has no right to it, or the repository is closed.',
    next: 'Use a token with read access (Settings), or check a copy on this device.',
  },
  HUB_GATED: {
    title: (d) => `${fact(d, 'repo') || 'This repository'} is gated`,
    why: 'Its owner asks people to accept terms on Hugging Face before the files can be read.',
    next: 'Accept the terms there, then put a token with read access into Settings (on the command line: HF_TOKEN).',
  },
  HUB_NOT_FOUND: {
    title: (d) =>
      phrase(
        d,
        ['file', 'path'],
        (f) => `There is no ${f} in ${fact(d, 'repo') || 'this repository'} on Hugging Face`,
        `Hugging Face has nothing called ${fact(d, 'repo') || 'that'}`,
      ),
    why: 'It was renamed, deleted or is private, or the name is misspelt.',
    next: 'Check the name, written org/name.',
  },
  HUB_RATE_LIMITED: {
    title: 'Hugging Face asks for fewer requests',
    why: 'Too many came from your network within five minutes.',
    next: (d) => {
      const wait = num(d, 'seconds', 'retryAfter');
      return wait === null
        ? 'Wait five minutes, or use a token (Settings), which has its own allowance.'
        : `Wait ${Math.ceil(wait)} seconds, or use a token (Settings), which has its own allowance.`;
    },
  },
  HUB_REFERENCE: {
    title: 'This does not name a model',
    why: (d) =>
      phrase(
        d,
        ['text', 'reference', 'input'],
        (t) => `${t} is neither org/name nor an address of a model page or file.`,
        'It is neither org/name nor an address of a model page or file.',
      ),
    next: 'Write it like org/name, or paste the address of the model’s page.',
  },
  HUB_RESPONSE: {
    title: 'Hugging Face answered in an unexpected form',
    why: 'The answer was not what its interface promises; something in between may have replaced it.',
    next: TRY_LATER,
  },
  HUB_REVISION: {
    title: (d) => `${fact(d, 'repo') || 'The repository'} has no revision ${fact(d, 'revision') || 'of this name'}`,
    why: 'It is no branch, tag or commit there (any more).',
    next: 'Leave the revision out to take the main branch, or copy the commit from the repository’s history.',
  },
  HUB_SERVER: {
    title: 'Hugging Face has trouble at the moment',
    why: (d) => `It answered ${num(d, 'status') ?? 'with a server error'} several times.`,
    next: TRY_LATER,
  },
  HUB_UNAUTHORISED: {
    title: (d) => `Hugging Face wants to know who asks for ${fact(d, 'repo') || 'this'}`,
    why: 'The repository is private, gated or does not exist; without a valid token the answer is the same.',
    next: 'Check the name, and put a token with read access into Settings (on the command line: HF_TOKEN).',
  },

  ENGINE_INTERNAL: {
    title: 'Something in Assay itself went wrong',
    why: (d) =>
      phrase(
        d,
        ['message'],
        (m) => `It says “${m}”. This is a defect of the program, not of your file.`,
        'This is a defect of the program, not of your file.',
      ),
    next: REPORT_IT,
  },
  ENGINE_UNSUPPORTED: {
    title: 'This browser lacks something that is needed',
    why: (d) =>
      phrase(
        d,
        ['feature', 'what'],
        (f) => `${f} is missing or switched off.`,
        'A needed feature is missing or switched off.',
      ),
    next: 'Use a current Firefox, Chrome, Edge or Safari.',
  },
  ENGINE_WORKER_DIED: {
    title: (d) => `Reading ${fact(d, 'path', 'name') || 'this file'} stopped unexpectedly`,
    why: 'The browser ended the background task, most often because memory ran out.',
    next: 'Close other tabs and check again. Everything that was finished is kept.',
  },
  SIGNAL_LAYOUT: {
    title: 'The same part lies differently in the two models',
    why: (d) => fact(d, 'why') || 'How the numbers of one lie in the other is not known here.',
    next: 'These tensors were left out; the others were compared.',
  },
  SIGNAL_MPK_STOPS: {
    title: 'The Model Provenance Kit would stop at this model',
    why: (d) =>
      fact(d, 'why') === 'float8'
        ? `It cannot compute with the type of ${fact(d, 'tensor') || 'these weights'} (float8) when it loads a model whole.`
        : 'A row of the embedding holds a number that is not finite.',
    next: 'Its score cannot be stated. What Assay itself can compare is not touched by this.',
  },
  SIGNAL_NO_COUNTERPART: {
    title: 'This has no counterpart here',
    why: (d) => fact(d, 'why') || 'The file does not hold what the comparison looks at.',
    next: 'The other signals were compared.',
  },
  SIGNAL_TOKENIZER: {
    title: 'The tokenizer could not be rebuilt',
    why: (d) => fact(d, 'why') || 'Its files are not of a kind that is known here.',
    next: 'The signals that need it were not compared; the weights were.',
  },
  USAGE: {
    title: 'This cannot be asked like that',
    why: (d) => fact(d, 'problem', 'message', 'what') || 'What was given does not fit together.',
    next: (d) => fact(d, 'next') || 'Look at what was given, and try once more.',
  },
};

/** One error in words. */
export function explain(error: ErrorData): ErrorWords {
  const words = ERROR_WORDS[error.code];
  const say = (text: CodeWords[keyof CodeWords]): string => (typeof text === 'function' ? text(error.detail) : text);
  return { title: say(words.title), why: say(words.why), next: say(words.next) };
}

/** Words for what a file is when it is not a model: what it is, how that usually happens, what to do. */
import type { ErrorDetail } from '../../errors.ts';
import type { NotAModel, NotAModelKind } from '../../formats/not-a-model.ts';
import { fact, num, phrase, type CodeWords, type ErrorWords } from './detail.ts';
import { formatBytes, formatCount, plural } from './units.ts';

const AGAIN = 'Download the file again, and compare its SHA-256 with the published one.';
const LFS = 'Run “git lfs pull” in the repository, or enter its name (org/name) on the first screen.';
const UNPACK = 'Unpack it and check what is inside.';

const archive = (what: string): CodeWords => ({
  title: `is a ${what} archive, not a model`,
  why: 'The model may be packed inside.',
  next: UNPACK,
});
const other = (what: string): CodeWords => ({
  title: `is ${what}, not weights`,
  why: 'Its first bytes are those of another kind of file, whatever the name says.',
  next: 'Check where it came from, and get the model again from its publisher.',
});

/** `title` follows the file's name: `model.safetensors` “is a Git LFS pointer (134 bytes), not weights”. */
export const NOT_A_MODEL_WORDS: Readonly<Record<NotAModelKind, CodeWords>> = {
  '7z': archive('7-Zip'),
  'all-zero': {
    title: 'holds nothing but zeros',
    why: 'The space was reserved, but the content never arrived: an interrupted download or a damaged disk.',
    next: AGAIN,
  },
  base64: {
    title: 'is text in base64, not the bytes themselves',
    why: 'Something on the way encoded it, as mail programs and some web interfaces do.',
    next: 'Download the raw file.',
  },
  bzip2: archive('bzip2'),
  'crlf-mangled': {
    title: 'was damaged by a text-mode transfer',
    why: 'Line ends inside the binary data were rewritten (LF to CR LF); the weights cannot be recovered from it.',
    next: 'Transfer it again in binary mode; in Git, mark the file as binary or use LFS.',
  },
  elf: other('a Linux program'),
  empty: {
    title: 'is empty',
    why: 'It has a name but no bytes: the download never began, or the disk was full.',
    next: AGAIN,
  },
  'ggml-legacy': {
    title: (d) => `is in ${ggmlForm(d)} that came before GGUF`,
    why: (d) =>
      `${ggmlStated(d)}Current programs no longer load it. It is recognised and hashed, its tensors are not decoded.`,
    next: 'Look for a GGUF version of the same model.',
  },
  'git-annex-pointer': {
    title: (d) => `is a git-annex pointer${sizeNote(d)}, not weights`,
    why: 'The repository stores a note in place of the file.',
    next: 'Run “git annex get” for it.',
  },
  'git-lfs-pointer': {
    title: (d) => `is a Git LFS pointer${sizeNote(d)}, not weights`,
    why: (d) => {
      const real = num(d, 'realSize', 'pointsToSize', 'size');
      const oid = fact(d, 'oid', 'sha256');
      return `The repository stores a short note in place of the file${real === null ? '' : `; the real one has ${formatBytes(real)}`}${oid ? ` and SHA-256 ${oid.replace(/^sha256:/, '').slice(0, 16)}…` : ''}.`;
    },
    next: LFS,
  },
  gzip: archive('gzip'),
  html: {
    title: 'is a web page, not weights',
    why: (d) =>
      phrase(
        d,
        ['title'],
        (t) => `The page is called “${t}”. A login, an error or the page about the file was saved in its place.`,
        'A login, an error or the page about the file was saved in its place.',
      ),
    next: 'Download the file itself (on Hugging Face: the arrow beside it, or /resolve/ in place of /blob/ in the address).',
  },
  json: {
    title: 'is a JSON answer, not weights',
    why: (d) =>
      phrase(
        d,
        ['error', 'message'],
        (t) => `It says “${t}”. A server’s error message was saved in place of the file.`,
        'A server’s answer, often an error message, was saved in place of the file.',
      ),
    next: AGAIN,
  },
  'partial-download': {
    title: 'is a download that did not finish',
    why: (d) =>
      phrase(
        d,
        ['by', 'tool', 'extension', 'marker'],
        (t) => `The ending ${t} belongs to a file still being fetched.`,
        'A downloader’s own marks are still on it.',
      ),
    next: 'Let the download finish or resume it, then check the finished file.',
  },
  pdf: other('a PDF document'),
  pe: other('a Windows program'),
  pickle: {
    title: 'is a bare Python pickle',
    why: 'Opening one can run any program. Nothing was run here.',
    next: 'Ask for the same weights as safetensors.',
  },
  png: other('a picture'),
  'pytorch-zip': {
    title: 'is a PyTorch checkpoint under another format’s name',
    why: 'Its bytes are those of torch.save, whatever the name says.',
    next: 'Give it its own ending (.pt), or get the file that was promised.',
  },
  rar: archive('RAR'),
  'seven-bit': {
    title: 'lost the eighth bit of every byte',
    why: 'A transfer meant for plain text cut it off; the weights cannot be recovered from it.',
    next: 'Transfer it again in binary mode.',
  },
  text: {
    title: 'is plain text, not weights',
    why: (d) =>
      phrase(d, ['start', 'text', 'first'], (t) => `It begins “${t}”.`, 'No container of weights begins like this.'),
    next: AGAIN,
  },
  truncated: {
    title: 'is too short to hold even a header',
    why: (d) => {
      const n = num(d, 'size', 'bytes');
      return n === null
        ? 'The download broke off at the very beginning.'
        : `It has ${plural(n, 'byte')}. The download broke off at the very beginning.`;
    },
    next: AGAIN,
  },
  utf16: {
    title: 'was rewritten as UTF-16 text',
    why: 'A shell or editor converted it (PowerShell’s “>” does this); the weights cannot be recovered from it.',
    next: 'Get the file again without passing it through a text tool.',
  },
  'utf8-mangled': {
    title: 'was rewritten as UTF-8 text',
    why: 'A tool took the bytes for text and replaced what it could not read; the weights cannot be recovered from it.',
    next: 'Transfer it again in binary mode.',
  },
  'xet-pointer': {
    title: (d) => `is a Xet pointer${sizeNote(d)}, not weights`,
    why: 'The repository stores a short note in place of the file.',
    next: 'Use git-xet or the Hugging Face client to fetch it, or enter the repository’s name on the first screen.',
  },
  xml: {
    title: 'is an XML answer, not weights',
    why: 'A storage server’s error message was probably saved in place of the file.',
    next: AGAIN,
  },
  xz: archive('xz'),
  zip: archive('ZIP'),
  zstd: archive('Zstandard'),
};

function sizeNote(detail: NotAModel['detail']): string {
  const n = num(detail, 'fileSize', 'bytes');
  return n === null ? '' : ` (${plural(n, 'byte')})`;
}

/** `fileSize` is the size of the file looked at, for the words; it wins over nothing the detail says. */
export function explainNotAModel(found: NotAModel, fileSize?: number): ErrorWords {
  const words = NOT_A_MODEL_WORDS[found.kind];
  const detail = fileSize === undefined ? found.detail : { fileSize, ...found.detail };
  const say = (text: CodeWords[keyof CodeWords]): string => (typeof text === 'function' ? text(detail) : text);
  return { title: say(words.title), why: say(words.why), next: say(words.next) };
}

/** `the old GGML form (ggjt version 3)`. */
function ggmlForm(detail: ErrorDetail): string {
  const magic = fact(detail, 'magic');
  const version = num(detail, 'version');
  if (magic === '') return 'the old GGML form';
  return `the old GGML form (${magic}${version === null ? ', which has no version' : ` version ${version}`})`;
}

/** What its header states, as sentences with a space behind; empty when nothing was understood. */
function ggmlStated(detail: ErrorDetail): string {
  const layout = fact(detail, 'layout');
  const rank = num(detail, 'rank');
  if (layout === 'lora' && rank !== null) return `Its header states an adapter of rank ${formatCount(rank)}. `;
  const vocabulary = num(detail, 'vocabulary');
  const layers = num(detail, 'layers');
  if (vocabulary === null || layers === null) return '';
  const kind = layout === 'whisper' ? 'a Whisper model' : 'a LLaMA-like model';
  return `Its header states ${kind} with ${plural(vocabulary, 'token')} and ${plural(layers, 'layer')}. `;
}

/** Words for the FORMAT codes: the bytes are not what their format allows. */
import type { ErrorCode, ErrorDetail } from '../../core/errors.ts';
import { fact, num, phrase, size, type CodeWords } from '../../core/report/words/detail.ts';
import { formatBytes, formatCount } from '../../core/report/words/units.ts';
import { exactBytes } from './units.ts';

type FormatCode = Extract<ErrorCode, `FORMAT_${string}`>;

const GET_AGAIN = 'Download the file again, and compare its SHA-256 with the published one.';
const ODD_FILE = 'Ordinary tools do not write such a file. Get it again from its publisher before using it.';
const tensor = (d: ErrorDetail): string =>
  phrase(
    d,
    ['entry'],
    (e) => `${e} in the archive`,
    phrase(d, ['tensor', 'name'], (t) => `Tensor ${t}`, 'A tensor'),
  );
const at = (d: ErrorDetail): string => {
  const offset = num(d, 'offset', 'at');
  return offset === null ? '' : ` (at byte ${formatCount(offset)})`;
};

const many = (d: ErrorDetail, otherwise: string, ...keys: readonly string[]): string => {
  const n = num(d, ...keys);
  return n === null ? otherwise : formatCount(n);
};

export const FORMAT_WORDS: Readonly<Record<FormatCode, CodeWords>> = {
  FORMAT_ALIGNMENT: {
    title: (d) => `${tensor(d)} is not where its format would put it`,
    why: (d) =>
      `Its place is not a multiple of the alignment the file states${phrase(d, ['alignment'], (a) => ` (${a} bytes)`, '')}.`,
    next: ODD_FILE,
  },
  FORMAT_ARCHIVE: {
    title: (d) => `The archive contradicts itself${phrase(d, ['what', 'reason'], (w) => `: ${w}`, '')}${at(d)}`,
    why: 'What its table of contents says and what is there do not agree, so two readers may see different files in it.',
    next: ODD_FILE,
  },
  FORMAT_ARRAY_TOO_LONG: {
    title: 'A list inside the file is longer than the file',
    why: (d) =>
      `${phrase(d, ['key'], (k) => `${k} announces`, 'It announces')} ${many(d, 'more', 'count', 'length')} entries, which cannot fit.`,
    next: ODD_FILE,
  },
  FORMAT_BOMB: {
    title: (d) => `The archive would expand to ${size(d, 'expanded') || 'far more than its size'}`,
    why: (d) =>
      `${phrase(d, ['entry', 'name'], (e) => `${e} is packed`, 'It is packed')} so tightly that unpacking it would only fill memory or disk. Nothing was unpacked.`,
    next: ODD_FILE,
  },
  FORMAT_BOUNDS: {
    title: (d) => `${tensor(d)} reaches outside the file`,
    why: (d) =>
      `Its stated place lies partly or wholly beyond the data${phrase(d, ['size', 'fileSize'], () => ` of ${size(d, 'fileSize', 'size')}`, '')}.`,
    next: GET_AGAIN,
  },
  FORMAT_CHECKSUM: {
    title: (d) =>
      `${phrase(d, ['entry', 'what', 'name'], (w) => w, 'A part of the file')} does not match its own checksum${at(d)}`,
    why: 'The file carries a checksum for this part, and the bytes have another one: they were changed or damaged after writing.',
    next: GET_AGAIN,
  },
  FORMAT_COMPRESSION: {
    title: (d) => `${fact(d, 'entry', 'name') || 'A part of the archive'} cannot be unpacked${at(d)}`,
    why: (d) =>
      phrase(
        d,
        ['method'],
        (m) => `It is packed with method ${m}; model files use none or deflate.`,
        'Its packed bytes are damaged or of a kind that model files do not use.',
      ),
    next: GET_AGAIN,
  },
  FORMAT_COUNT_TOO_LARGE: {
    title: 'The file announces an impossible number of parts',
    why: (d) =>
      `${phrase(d, ['what'], (w) => `It states ${many(d, 'too many', 'count')} ${w}`, `It states ${many(d, 'too many', 'count')} of them`)}, more than its size or any real model allows.`,
    next: ODD_FILE,
  },
  FORMAT_CYCLE: {
    title: 'The parts of the file refer to each other in a circle',
    why: (d) =>
      `${phrase(d, ['node', 'name'], (n) => `${n} depends on itself`, 'Something depends on itself')}, so no reader can work through it.`,
    next: ODD_FILE,
  },
  FORMAT_DEPTH: {
    title: 'The header is nested too deeply',
    why: 'No real model nests its description like this; it would exhaust a reader that follows it.',
    next: ODD_FILE,
  },
  FORMAT_DTYPE: {
    title: (d) => `${tensor(d)} has a number type that does not exist`,
    why: (d) =>
      phrase(
        d,
        ['dtype', 'type'],
        (t) => `${t} is none of the types of this format.`,
        'It is none of the types of this format.',
      ),
    next: 'If the file is from a very new tool, look for a newer Assay; otherwise get the file again.',
  },
  FORMAT_DUPLICATE_ENTRY: {
    title: (d) => `The archive holds ${fact(d, 'entry', 'name', 'member') || 'a file'} twice`,
    why: 'Two readers may take different ones, so nobody can say what this archive contains.',
    next: ODD_FILE,
  },
  FORMAT_DUPLICATE_KEY: {
    title: (d) => `The header says ${fact(d, 'key') || 'one thing'} twice`,
    why: 'Two readers may take different ones, so one file could mean two things.',
    next: ODD_FILE,
  },
  FORMAT_DUPLICATE_TENSOR: {
    title: (d) => `${tensor(d)} is there twice`,
    why: 'Two readers may load different weights from the same file.',
    next: ODD_FILE,
  },
  FORMAT_ENCRYPTED: {
    title: (d) => `${fact(d, 'entry', 'name') || 'A part of the archive'} is encrypted`,
    why: 'Without the password nobody can say what is inside, and scanners are often kept out this way.',
    next: 'Unpack it with the password yourself, and check what comes out before loading it.',
  },
  FORMAT_ENDIAN_MIXED: {
    title: 'The byte order of the file contradicts itself',
    why: 'Its version reads sensibly in neither or in both byte orders.',
    next: GET_AGAIN,
  },
  FORMAT_FIELD_NUMBER: {
    title: (d) => `The file has a field that its encoding does not allow${at(d)}`,
    why: 'Fields are numbered from 1; this one has number 0. The file is damaged or not what its name says.',
    next: GET_AGAIN,
  },
  FORMAT_HEADER: {
    title: (d) => `The header cannot be read${at(d)}`,
    why: (d) => `It breaks the rules of its format${phrase(d, ['why', 'what'], (w) => ` (${w})`, '')}.`,
    next: ODD_FILE,
  },
  FORMAT_HEADER_LENGTH: {
    title: 'The header cannot be as long as the file says',
    why: (d) => {
      const header = num(d, 'header', 'length', 'headerLength');
      const whole = num(d, 'size', 'fileSize');
      if (header === null) return 'The stated length does not fit into the file.';
      return `It states a header of ${exactBytes(header)}${whole === null ? '' : `; the whole file has ${exactBytes(whole)}`}.`;
    },
    next: 'Most often the file is not a model at all (a web page, a pointer) or is cut off. Download it again.',
  },
  FORMAT_HOLE: {
    title: 'There are bytes between tensors that belong to none',
    why: (d) =>
      `${size(d, 'bytes', 'length') || 'Some bytes'} are not described by the header${at(d)}; this format forbids that, because things can hide there.`,
    next: ODD_FILE,
  },
  FORMAT_JSON: {
    title: (d) => `${fact(d, 'path', 'file') || 'The header'} is not valid JSON`,
    why: (d) => `It cannot be read as the format demands${at(d)}.`,
    next: GET_AGAIN,
  },
  FORMAT_JSON_SHAPE: {
    title: (d) => `${fact(d, 'path', 'file') || 'The header'} is not built as it should be`,
    why: (d) =>
      phrase(
        d,
        ['key', 'field'],
        (k) => `${k} has another structure than the format defines.`,
        'Its structure is another than the format defines.',
      ),
    next: GET_AGAIN,
  },
  FORMAT_JSON_TYPE: {
    title: (d) => `${fact(d, 'key', 'field') || 'A value in the header'} is of the wrong kind`,
    why: (d) => phrase(d, ['expected'], (e) => `${e} was expected there.`, 'The format demands something else there.'),
    next: GET_AGAIN,
  },
  FORMAT_KEY: {
    title: 'The header uses a name that is not allowed',
    why: (d) =>
      phrase(
        d,
        ['key'],
        (k) => `${k} is empty, too long or contains forbidden characters.`,
        'It is empty, too long or contains forbidden characters.',
      ),
    next: ODD_FILE,
  },
  FORMAT_LENGTH: {
    title: (d) => `${phrase(d, ['what', 'field'], (w) => w, 'A length')} is impossible${at(d)}`,
    why: (d) => `The file states ${fact(d, 'value', 'length') || 'a value'} where a length belongs.`,
    next: ODD_FILE,
  },
  FORMAT_MAGIC: {
    title: (d) => `${fact(d, 'path') || 'The file'} does not begin like its format`,
    why: (d) =>
      phrase(
        d,
        ['format', 'expected'],
        (f) => `Every ${f} file starts with the same few bytes; this one does not.`,
        'Its first bytes are others than its name promises.',
      ),
    next: 'It may be another kind of file under this name. Check where it came from, and download it again.',
  },
  FORMAT_METADATA: {
    title: 'The description inside the file is not well-formed',
    why: (d) =>
      phrase(
        d,
        ['key'],
        (k) => `The entry ${k} cannot be read as the format demands.`,
        'One of its entries cannot be read as the format demands.',
      ),
    next: GET_AGAIN,
  },
  FORMAT_MISSING_ENTRY: {
    title: (d) => `The archive lacks ${fact(d, 'entry', 'name', 'member') || 'a part'}`,
    why: 'The format cannot be read without it.',
    next: GET_AGAIN,
  },
  FORMAT_MISSING_FIELD: {
    title: (d) => `${fact(d, 'field', 'key') || 'A required field'} is missing in the header`,
    why: 'Without it the file cannot be read as its format demands.',
    next: GET_AGAIN,
  },
  FORMAT_MISSING_FILE: {
    title: (d) => `${fact(d, 'file', 'path') || 'A part of the model'} is missing`,
    why: (d) =>
      phrase(
        d,
        ['index', 'source'],
        (i) => `${i} names it, but it is not among the files given.`,
        'The index names it, but it is not among the files given.',
      ),
    next: 'Download the missing file into the same folder and check the folder again.',
  },
  FORMAT_MISSING_TENSOR: {
    title: (d) => `${tensor(d)} is missing`,
    why: (d) => `The index places it in ${fact(d, 'file', 'path') || 'one of the files'}, which does not contain it.`,
    next: 'Index and weights may be from different versions. Download both again from one commit.',
  },
  FORMAT_NOT_DECODED: {
    title: (d) => `${tensor(d)} is not decoded to numbers`,
    why: (d) =>
      phrase(
        d,
        ['scheme', 'dtype'],
        (t) => `Assay does not know how ${t} stands for numbers.`,
        'Assay does not know how its bytes stand for numbers.',
      ),
    next: 'Its stored bytes are digested all the same; nothing is said about its values.',
  },
  FORMAT_NO_DATA: {
    title: (d) => `${tensor(d)} is stated without its numbers`,
    why: (d) =>
      phrase(d, ['why'], (w) => `The file says: ${w}.`, 'The file names it and holds no bytes that belong to it.'),
    next: 'Nothing is said about its values. If it should have some, get the complete model.',
  },
  FORMAT_NUMBER: {
    title: (d) => `${phrase(d, ['what', 'field'], (w) => w, 'A value')} is not a number`,
    why: (d) => `The file states ${fact(d, 'value') || 'text'} where a number belongs.`,
    next: ODD_FILE,
  },
  FORMAT_OFFSETS: {
    title: (d) => `${tensor(d)} ends before it begins, or is not where it can be`,
    why: 'The start and end that the header states for it do not make sense.',
    next: GET_AGAIN,
  },
  FORMAT_OVERFLOW: {
    title: (d) => `${tensor(d)} is stated to be larger than any file can be`,
    why: 'Its dimensions multiply to a number beyond what a reader may count with; careless readers would wrap around.',
    next: ODD_FILE,
  },
  FORMAT_OVERLAP: {
    title: (d) => `${tensor(d)} shares bytes with ${fact(d, 'other', 'with') || 'another'}`,
    why: 'Two tensors claim the same place in the file, which this format forbids.',
    next: ODD_FILE,
  },
  FORMAT_PATH: {
    title: 'The model names a file outside its folder',
    why: (d) =>
      phrase(
        d,
        ['path', 'file'],
        (p) => `${p} is absolute or leads out with “..”. A careless loader would follow it.`,
        'One of its paths is absolute or leads out with “..”. A careless loader would follow it.',
      ),
    next: 'Do not load this model before its publisher explains it.',
  },
  FORMAT_PERSISTENT_ID: {
    title: (d) => `The pickle refers to outside data in a form PyTorch does not write${at(d)}`,
    why: 'References to tensor data have a fixed form; this one has another, so what it stands for is unknown.',
    next: ODD_FILE,
  },
  FORMAT_PICKLE: {
    title: (d) => `The pickle stream is broken${at(d)}`,
    why: (d) =>
      `${phrase(d, ['reason'], (r) => `Reading stopped: ${r}. `, '')}What comes before the break was read, the rest could not be checked. Nothing was run.`,
    next: GET_AGAIN,
  },
  FORMAT_SHAPE: {
    title: (d) => `${tensor(d)} has an impossible shape`,
    why: 'A dimension is negative, not a whole number, or there are too many of them.',
    next: ODD_FILE,
  },
  FORMAT_SIZE_MISMATCH: {
    title: (d) => `${tensor(d)} does not have the size its shape needs`,
    why: (d) => {
      const want = num(d, 'expected', 'need');
      const got = num(d, 'actual', 'got');
      return want === null || got === null
        ? 'Shape and type ask for another number of bytes than it has.'
        : `Shape and type ask for ${exactBytes(want)}; it has ${exactBytes(got)}.`;
    },
    next: ODD_FILE,
  },
  FORMAT_STRING_TOO_LONG: {
    title: 'A text inside the file is longer than it can be',
    why: (d) =>
      `${phrase(d, ['key'], (k) => `${k} announces`, 'It announces')} ${size(d, 'length', 'bytes') || 'more than the file has'}.`,
    next: ODD_FILE,
  },
  FORMAT_TOO_LARGE: {
    title: (d) => `${fact(d, 'what', 'path') || 'The header'} is larger than Assay reads`,
    why: (d) =>
      `${size(d, 'size', 'length') || 'Its size'} is over the limit${phrase(d, ['limit', 'max'], () => ` of ${size(d, 'limit', 'max')}`, '')} that keeps a hostile file from filling the memory.`,
    next: 'The file’s digest is computed all the same. If the file is real, please report it.',
  },
  FORMAT_TRAILING_BYTES: {
    title: 'There are bytes after the end of the model',
    why: (d) =>
      `${size(d, 'bytes', 'length', 'extra') || 'Some bytes'} follow the last tensor${at(d)}; this format forbids that, because things can hide there.`,
    next: ODD_FILE,
  },
  FORMAT_TRUNCATED: {
    title: (d) => {
      const missing = num(d, 'missing');
      return missing === null ? 'The file ends too early' : `The file ends ${formatBytes(missing)} early`;
    },
    why: (d) => {
      const lost = fact(d, 'tensor', 'firstLost');
      const want = num(d, 'expected', 'needed');
      const got = num(d, 'actual', 'size');
      const sizes =
        want === null || got === null ? '' : ` ${exactBytes(want)} are needed, ${exactBytes(got)} are there.`;
      return `${lost ? `The first lost tensor is ${lost}.` : 'The header describes more than the file holds.'}${sizes}`;
    },
    next: 'The download was cut off. Resume it, or download the file again.',
  },
  FORMAT_UNKNOWN: {
    title: (d) => `${fact(d, 'path', 'name') || 'This'} is not a model format Assay knows`,
    why: 'Its bytes fit none of the known containers. That says nothing about the file: it was hashed and compared all the same.',
    next: 'If it is a model, look for a newer Assay, or report the format.',
  },
  FORMAT_UNKNOWN_TYPE: {
    title: (d) => `The header uses type ${fact(d, 'type') || 'numbers'} that this format does not define`,
    why: (d) =>
      phrase(
        d,
        ['key', 'tensor'],
        (k) => `It stands at ${k}. What follows cannot be read without knowing its length.`,
        'What follows cannot be read without knowing its length.',
      ),
    next: 'If the file is from a very new tool, look for a newer Assay; otherwise get the file again.',
  },
  FORMAT_UTF8: {
    title: 'A text in the header is not valid UTF-8',
    why: (d) => `The format demands it${at(d)}; readers may disagree about the name.`,
    next: ODD_FILE,
  },
  FORMAT_VARINT: {
    title: (d) => `The file has a broken number${at(d)}`,
    why: 'A number of variable length never ends, or is longer than any number can be. The file is damaged or not what its name says.',
    next: GET_AGAIN,
  },
  FORMAT_VERSION: {
    title: (d) => `Version ${fact(d, 'version') || 'of the format'} is not one Assay reads`,
    why: (d) =>
      `${fact(d, 'format') || 'This format'} exists in other versions; this one is unknown, too old or damaged.`,
    next: 'Convert the file with its own tool, or look for a newer Assay.',
  },
  FORMAT_WIRE_TYPE: {
    title: (d) => `The file has a field of a kind that does not exist${at(d)}`,
    why: (d) =>
      `${phrase(d, ['wire'], (w) => `Its encoding (${w})`, 'Its encoding')} is none that this format uses. The file is damaged or not what its name says.`,
    next: GET_AGAIN,
  },
};

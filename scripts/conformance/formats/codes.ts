import type { FindingCode } from '../../../src/core/content/finding.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { FormatId } from '../../../src/core/formats/format.ts';
import type { NotAModelKind } from '../../../src/core/formats/not-a-model.ts';

/** What Assay says where a golden row has a code. Any one of these counts. */
export interface OurWords {
  readonly errors?: readonly ErrorCode[];
  readonly findings?: readonly FindingCode[];
  readonly kinds?: readonly NotAModelKind[];
  readonly formats?: readonly FormatId[];
  /** Why it is not simply the same word. */
  readonly why?: string;
}

const sameKind = (kind: NotAModelKind): OurWords => ({ kinds: [kind] });
const sameFinding = (finding: FindingCode): OurWords => ({ findings: [finding] });

/** Golden codes of `hostile/expected.json` and ours. A code that is not here differs, always. */
export const CODES: ReadonlyMap<string, OurWords> = new Map<string, OurWords>([
  // Ends too early.
  ['truncated', { errors: ['FORMAT_TRUNCATED'], findings: ['truncated'], kinds: ['truncated'] }],
  [
    'header-beyond-file',
    { errors: ['FORMAT_TRUNCATED'], why: 'a header that ends behind the file is what a cut file looks like' },
  ],
  [
    'out-of-bounds',
    {
      errors: ['FORMAT_TRUNCATED', 'FORMAT_BOUNDS'],
      why: 'a tensor behind the end of an otherwise gapless file is what a cut file looks like',
    },
  ],
  ['bad-header-length', { errors: ['FORMAT_HEADER_LENGTH'] }],

  // JSON.
  ['bad-json', { errors: ['FORMAT_JSON'], findings: ['bad-json'] }],
  ['bad-json-shape', { errors: ['FORMAT_JSON_SHAPE'] }],
  [
    'bad-json-type',
    {
      errors: ['FORMAT_JSON_TYPE', 'FORMAT_NUMBER'],
      why: 'ONNX states offsets as text: text that is no number is the same mistake outside JSON',
    },
  ],
  ['json-depth', { errors: ['FORMAT_DEPTH'] }],
  ['recursion-depth', { errors: ['FORMAT_DEPTH'] }],
  [
    'header-start',
    { findings: ['header-start'], errors: ['FORMAT_JSON'], why: 'a byte-order mark is refused as JSON' },
  ],
  ['bad-utf8', { errors: ['FORMAT_UTF8'], findings: ['bad-utf8'] }],
  ['duplicate-key', { errors: ['FORMAT_DUPLICATE_KEY'], findings: ['duplicate-key'] }],
  ['bad-metadata', { errors: ['FORMAT_METADATA'] }],
  ['missing-field', { errors: ['FORMAT_MISSING_FIELD'], findings: ['missing-field'] }],
  ['unknown-field', sameFinding('unknown-field')],

  // Numbers, types, places.
  [
    'int-overflow',
    {
      errors: ['FORMAT_OVERFLOW'],
      findings: ['resource-shape'],
      why: 'a configuration with a number beyond 64 bits states a size that no machine has',
    },
  ],
  ['bad-offsets', { errors: ['FORMAT_OFFSETS'], findings: ['bad-offsets'] }],
  ['bad-shape', { errors: ['FORMAT_SHAPE'] }],
  ['unknown-dtype', { errors: ['FORMAT_DTYPE'] }],
  ['unknown-type', { errors: ['FORMAT_UNKNOWN_TYPE'] }],
  ['unusual-type', sameFinding('unusual-type')],
  [
    'size-mismatch',
    {
      errors: ['FORMAT_SIZE_MISMATCH'],
      findings: ['size-mismatch'],
      kinds: ['utf8-mangled'],
      why: 'replacing bytes by U+FFFD makes a file longer: that kind implies it',
    },
  ],
  ['overlap', { errors: ['FORMAT_OVERLAP'] }],
  ['hole', { errors: ['FORMAT_HOLE'], findings: ['hole'] }],
  ['trailing-bytes', { errors: ['FORMAT_TRAILING_BYTES'], findings: ['trailing-bytes'] }],
  ['polyglot', sameFinding('polyglot')],
  [
    'too-many-dimensions',
    { errors: ['FORMAT_SHAPE'], findings: ['too-many-dimensions'], why: 'ggml has four dimensions at most: refused' },
  ],
  ['many-entries', sameFinding('many-entries')],
  ['long-name', sameFinding('long-name')],
  ['bad-name', sameFinding('bad-name')],
  ['injection-text', sameFinding('injection-text')],

  // GGUF.
  [
    'bad-magic',
    {
      errors: ['FORMAT_MAGIC'],
      findings: ['bad-magic', 'extension-mismatch'],
      why: 'bytes of another known format are read as that format, and the name is said to be wrong',
    },
  ],
  ['bad-version', { errors: ['FORMAT_VERSION'], findings: ['bad-version'] }],
  ['endian-mixed', { errors: ['FORMAT_ENDIAN_MIXED'] }],
  [
    'count-too-large',
    {
      errors: ['FORMAT_COUNT_TOO_LARGE', 'FORMAT_TRUNCATED'],
      why: 'a count real models have, in a file too short for it, is a cut file',
    },
  ],
  [
    'string-too-long',
    {
      errors: ['FORMAT_STRING_TOO_LONG', 'FORMAT_TRUNCATED'],
      why: 'a string of ordinary length that runs past the end is a cut file',
    },
  ],
  [
    'array-too-long',
    {
      errors: ['FORMAT_ARRAY_TOO_LONG', 'FORMAT_TRUNCATED'],
      why: 'an array of ordinary length that runs past the end is a cut file',
    },
  ],
  ['nested-array', sameFinding('nested-array')],
  ['bad-key', { errors: ['FORMAT_KEY'], findings: ['bad-key'] }],
  ['bad-alignment', { errors: ['FORMAT_ALIGNMENT'] }],
  ['nonzero-padding', sameFinding('nonzero-padding')],
  ['inconsistent-metadata', sameFinding('inconsistent-metadata')],
  ['template-escape', sameFinding('template-escape')],
  ['template-resource', sameFinding('template-resource')],
  ['template-logic', sameFinding('template-logic')],

  // Sets.
  ['path-traversal', { errors: ['FORMAT_PATH'], findings: ['path-traversal'] }],
  ['missing-file', { errors: ['FORMAT_MISSING_FILE'] }],
  ['missing-tensor', { errors: ['FORMAT_MISSING_TENSOR'] }],
  ['duplicate-tensor', { errors: ['FORMAT_DUPLICATE_TENSOR'], findings: ['duplicate-tensor'] }],
  ['unlisted-tensor', sameFinding('unlisted-tensor')],

  // Pickles.
  ['dangerous-global', sameFinding('dangerous-global')],
  ['unknown-global', sameFinding('unknown-global')],
  ['odd-global-name', sameFinding('odd-global-name')],
  ['computed-call', sameFinding('computed-call')],
  ['computed-global', sameFinding('computed-global')],
  ['extension-code', sameFinding('extension-code')],
  ['network', sameFinding('network')],
  ['resource-call', sameFinding('resource-call')],
  ['nested-pickle', sameFinding('nested-pickle')],
  ['multiple-streams', sameFinding('multiple-streams')],
  ['broken-stream', { errors: ['FORMAT_PICKLE'], findings: ['broken-stream'] }],
  ['bad-protocol', sameFinding('bad-protocol')],
  ['bad-frame', sameFinding('bad-frame')],
  ['bad-length', { errors: ['FORMAT_LENGTH'] }],
  ['bad-persistent-id', { errors: ['FORMAT_PERSISTENT_ID'], findings: ['bad-persistent-id'] }],
  ['exponential-structure', sameFinding('exponential-structure')],
  ['cyclic-structure', sameFinding('cyclic-structure')],
  ['deep-structure', sameFinding('deep-structure')],
  ['memo-index', sameFinding('memo-index')],
  ['long-number', sameFinding('long-number')],
  ['prototype-key', sameFinding('prototype-key')],
  // Protobuf and ONNX.
  ['bad-varint', { errors: ['FORMAT_VARINT'] }],
  ['bad-wire-type', { errors: ['FORMAT_WIRE_TYPE'] }],
  ['bad-field-number', { errors: ['FORMAT_FIELD_NUMBER'] }],
  ['not-protobuf', { errors: ['FORMAT_UNKNOWN'] }],
  ['cyclic-graph', { errors: ['FORMAT_CYCLE'] }],
  ['self-reference', sameFinding('self-reference')],
  ['ambiguous-data', sameFinding('ambiguous-data')],
  ['unsupported-feature', sameFinding('unsupported-feature')],
  ['resource-op', sameFinding('resource-op')],
  ['dangerous-op', sameFinding('dangerous-op')],
  ['custom-domain', sameFinding('custom-domain')],
  ['metadata-path', sameFinding('metadata-path')],

  // Configurations, tokenizers, model cards, Python.
  ['remote-code', sameFinding('remote-code')],
  ['python-code', sameFinding('python-code')],
  ['foreign-repository', sameFinding('foreign-repository')],
  ['regex-backtracking', sameFinding('regex-backtracking')],
  ['tokenizer-rewrite', sameFinding('tokenizer-rewrite')],
  ['bom', sameFinding('bom')],
  ['yaml-tag', sameFinding('yaml-tag')],
  ['yaml-alias', sameFinding('yaml-alias')],
  ['bad-yaml', sameFinding('bad-yaml')],
  ['torchscript-dangerous-op', sameFinding('torchscript-dangerous-op')],

  // Archives.
  ['zip-inconsistent', { errors: ['FORMAT_ARCHIVE'], findings: ['zip-inconsistent'] }],
  ['zip-ambiguous', sameFinding('zip-ambiguous')],
  ['zip-bomb', { errors: ['FORMAT_BOMB'] }],
  ['bad-checksum', { errors: ['FORMAT_CHECKSUM'], findings: ['bad-checksum'] }],
  ['encrypted', { errors: ['FORMAT_ENCRYPTED'] }],
  ['unsupported-compression', { errors: ['FORMAT_COMPRESSION'] }],
  ['duplicate-entry', { errors: ['FORMAT_DUPLICATE_ENTRY'], findings: ['duplicate-entry'] }],
  ['missing-entry', { errors: ['FORMAT_MISSING_ENTRY'] }],
  ['nested-archive', sameFinding('nested-archive')],
  ['symlink', sameFinding('symlink')],
  ['keras-lambda', sameFinding('keras-lambda')],
  ['keras-arbitrary-class', sameFinding('keras-arbitrary-class')],
  ['keras-custom-class', sameFinding('keras-custom-class')],
  ['keras-external-path', sameFinding('keras-external-path')],
  ['external-link', sameFinding('external-link')],
  ['external-storage', sameFinding('external-storage')],
  ['resource-shape', sameFinding('resource-shape')],
  ['decompression-bomb', { errors: ['FORMAT_TOO_LARGE'], findings: ['decompression-bomb'] }],
  ['tensorflow-dangerous-op', sameFinding('tensorflow-dangerous-op')],
  ['bad-header', { errors: ['FORMAT_HEADER'] }],
  ['resource', { errors: ['FORMAT_TOO_LARGE'] }],

  // Other kinds of file.
  ['git-lfs-pointer', sameKind('git-lfs-pointer')],
  ['git-annex-pointer', sameKind('git-annex-pointer')],
  ['xet-pointer', sameKind('xet-pointer')],
  ['html', sameKind('html')],
  ['xml', sameKind('xml')],
  ['json', sameKind('json')],
  ['text', sameKind('text')],
  ['empty', sameKind('empty')],
  ['all-zero', sameKind('all-zero')],
  ['gzip', sameKind('gzip')],
  ['xz', sameKind('xz')],
  ['zstd', sameKind('zstd')],
  ['bzip2', sameKind('bzip2')],
  ['7z', sameKind('7z')],
  ['rar', sameKind('rar')],
  ['pdf', sameKind('pdf')],
  ['png', sameKind('png')],
  ['elf', sameKind('elf')],
  ['pe', sameKind('pe')],
  ['executable', sameFinding('executable')],
  ['partial-download', sameKind('partial-download')],
  ['utf8-mangled', sameKind('utf8-mangled')],
  ['crlf-mangled', sameKind('crlf-mangled')],
  ['seven-bit', sameKind('seven-bit')],
  ['base64', sameKind('base64')],
  ['utf16', sameKind('utf16')],
  ['ggml-legacy', sameKind('ggml-legacy')],
  ['extension-mismatch', sameFinding('extension-mismatch')],
  ['gguf', { formats: ['gguf'] }],
  ['safetensors', { formats: ['safetensors'] }],
  [
    'pickle',
    {
      kinds: ['pickle'],
      formats: ['pickle', 'pytorch-legacy'],
      findings: ['dangerous-global', 'unknown-global'],
      why: 'a pickle inside another container is told by what it would import',
    },
  ],
  [
    'pytorch-zip',
    { kinds: ['pytorch-zip'], formats: ['pytorch-zip', 'torchscript'], why: 'with or without a reader for it' },
  ],
]);

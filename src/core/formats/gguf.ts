import type { ByteSource } from '../bytes/source.ts';
import { FindingCollector } from '../content/collector.ts';
import { noteTemplate } from '../content/templates.ts';
import { noteRiskyText } from '../content/text.ts';
import { METADATA_ARRAY_KEPT, METADATA_VALUES_KEPT } from '../limits.ts';
import type { Format, MetaEntry, OpenArtifact } from './format.ts';
import { noteInconsistencies } from './gguf/consistency.ts';
import type { StatedHeader } from './gguf/header.ts';
import { layOut, type Layout } from './gguf/layout.ts';
import type { Keep } from './gguf/values.ts';
import { readWindow } from './gguf/window.ts';
import { looksLikeGguf } from './magic.ts';
import { findPolyglot } from './polyglot.ts';
import { sha256Hex } from './sha256.ts';

const KEEP: Keep = { perArray: METADATA_ARRAY_KEPT, total: METADATA_VALUES_KEPT };
/** Fillings that are read when opening; the full pass looks at all of them. */
const PADDINGS_READ = 16;

/** GGUF: metadata, tensor table, aligned tensors (github.com/ggml-org/ggml, docs/gguf.md). Versions 1 to 3, both byte orders. */
export const gguf: Format = {
  id: 'gguf',
  title: 'GGUF',
  extensions: ['.gguf'],
  match: (head) => looksLikeGguf(head),
  open: (source, signal) => openGguf(source, signal),
};

/**
 * Reads the header, in growing windows, a few paddings and the last 64 KiB; never the body.
 *
 * @param keep how much of long metadata arrays is kept; all of it only for comparison with reference values
 * @throws AppError FORMAT_TRUNCATED {tensor?, missing, expected, actual} and all of `readHeader` and `layOut`;
 *   FORMAT_TOO_LARGE for a header above GGUF_HEADER_MAX; SOURCE_*
 */
export async function openGguf(source: ByteSource, signal?: AbortSignal, keep: Keep = KEEP): Promise<OpenArtifact> {
  const { header, bytes } = await readWindow(source, keep, signal);
  const findings = new FindingCollector();
  const layout = layOut(header, source.size, findings);
  const head = bytes.subarray(0, header.tensorsEnd);
  noteHeader(header, findings);
  noteInconsistencies(header.metadata, layout.tensors, findings);
  for (const entry of header.metadata) noteTexts(entry, findings);
  for (const { name } of layout.tensors) noteRiskyText(name, { key: name.slice(0, 200) }, findings);
  await notePaddings(source, layout, findings, signal);
  const polyglot = await findPolyglot(source, head, signal);
  if (polyglot !== null) {
    findings.add('polyglot', 'danger', { kind: polyglot.kind.toUpperCase() }, { offset: polyglot.offset });
  }
  // Archives are read by a part of the program that few files need.
  const inside =
    polyglot === null ? null : await (await import('./second-reading.ts')).secondReading(source, polyglot, signal);
  const headerSha256 = await sha256Hex(head);
  return {
    format: 'gguf',
    tensors: layout.tensors,
    metadata: header.metadata,
    findings: [...findings.list(), ...(inside?.findings ?? [])],
    ...(inside === null ? {} : { imports: inside.imports }),
    facts: {
      version: header.version,
      endian: header.endian,
      alignment: header.alignment,
      kv_count: header.metadata.length,
      tensor_count: layout.tensors.length,
      kv_end: header.metadataEnd,
      tensor_infos_end: header.tensorsEnd,
      data_offset: layout.dataStart,
      data_bytes: Math.max(0, source.size - layout.dataStart),
      header_sha256: headerSha256,
    },
    headerEnd: header.tensorsEnd,
    headerSha256,
  };
}

function noteHeader(header: StatedHeader, findings: FindingCollector): void {
  if (header.version === 1) findings.add('bad-version', 'caution', { format: 'GGUF', version: 1 });
  if (header.nestedArrays) {
    const key = header.metadata.find(({ value }) => isArray(value) && value.elementType === 'ARRAY')?.key ?? '';
    findings.add('nested-array', 'caution', { key: key.slice(0, 200) });
  }
  for (const { code, detail, offset } of header.notes) findings.add(code, 'caution', detail, { offset });
}

/** Vocabularies hold every odd text there is, on purpose; only what people and programs read as text is looked at. */
function noteTexts({ key, value }: MetaEntry, findings: FindingCollector): void {
  const shown = key.slice(0, 200);
  noteRiskyText(key, { key: shown }, findings);
  if (key.startsWith('tokenizer.chat_template')) {
    const templates = isArray(value) ? value.values : [value];
    for (const template of templates) if (typeof template === 'string') noteTemplate(template, shown, findings);
  } else if (typeof value === 'string') noteRiskyText(value, { key: shown }, findings);
  else if (isArray(value) && !key.startsWith('tokenizer.')) {
    for (const text of value.values) if (typeof text === 'string') noteRiskyText(text, { key: shown }, findings);
  } else if (isInvalid(value)) findings.add('bad-utf8', 'note', { key: shown });
}

async function notePaddings(
  source: ByteSource,
  { paddings }: Layout,
  findings: FindingCollector,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!source.random) return;
  for (const { start, end } of paddings.slice(0, PADDINGS_READ)) {
    const bytes = await source.read(start, end, signal);
    if (bytes.every((byte) => byte === 0)) continue;
    findings.add('nonzero-padding', 'caution', { bytes: end - start }, { offset: start, length: end - start });
  }
}

function isArray(value: MetaEntry['value']): value is Extract<MetaEntry['value'], { readonly elementType: string }> {
  return typeof value === 'object' && value !== null && 'elementType' in value;
}

function isInvalid(value: MetaEntry['value']): boolean {
  return typeof value === 'object' && value !== null && 'invalidUtf8' in value;
}

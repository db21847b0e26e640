/** TensorFlow Lite models: a FlatBuffer (schema version 3). */
import type { ByteSource } from '../bytes/source.ts';
import { FindingCollector } from '../content/collector.ts';
import { noteRiskyText } from '../content/text.ts';
import { AppError } from '../errors.ts';
import { FLATBUFFER_READS_MAX } from '../limits.ts';
import { ContentReport, scanArchive } from './archive-content.ts';
import type { Format, MetaEntry, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { has } from './magic.ts';
import { findPolyglot } from './polyglot.ts';
import { dangerousOperator } from './tensorflow/operators.ts';
import { FlatFile, type FlatTable } from './tflite/flatbuffer.ts';
import { looksLikeTflite } from './tflite/magic.ts';
import { CUSTOM, METADATA, MODEL, OPERATOR_CODE } from './tflite/schema.ts';
import { readTensors } from './tflite/tensors.ts';

const OPERATORS_MAX = 100_000;
const METADATA_MAX = 1000;
const TEXT_MAX = 4096;

export const tflite: Format = {
  id: 'tflite',
  title: 'TensorFlow Lite',
  extensions: ['.tflite'],
  match: looksLikeTflite,
  open: openTflite,
};

async function openTflite(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const head = await source.read(0, Math.min(1024, source.size), signal);
  if (head.length < 8)
    throw new AppError('FORMAT_TRUNCATED', { what: 'TensorFlow Lite model', available: head.length });
  if (!has(head, 'TFL3', 4)) throw new AppError('FORMAT_MAGIC', { format: 'TensorFlow Lite' });
  const model = await new FlatFile(source, FLATBUFFER_READS_MAX, signal).root();
  const version = await model.uint32(MODEL.version);
  if (version < 1 || version > 3) throw new AppError('FORMAT_VERSION', { version });
  const findings = new FindingCollector();
  const tensors = await readTensors(model, source.size);
  const custom = await customOperators(model, findings);
  const description = await model.text(MODEL.description, TEXT_MAX);
  noteRiskyText(description, { key: 'description' }, findings);
  const metadata: MetaEntry[] = [];
  if (description !== '') metadata.push({ key: 'description', type: 'STRING', value: description });
  for await (const entry of model.tables(MODEL.metadata, METADATA_MAX, 'metadata')) {
    const key = await entry.text(METADATA.name, TEXT_MAX);
    noteRiskyText(key, { key }, findings);
    metadata.push({ key, type: 'BUFFER', value: await entry.uint32(METADATA.buffer) });
  }
  const report = new ContentReport();
  await reportSecondReading(source, head, report, signal);
  return {
    format: 'tflite',
    tensors: tensors.entries,
    metadata,
    findings: [...findings.list(), ...report.findings],
    imports: report.imports,
    facts: {
      file_identifier: 'TFL3',
      version,
      subgraphs: tensors.subgraphs,
      tensors_without_data: tensors.without,
      other_tensors: tensors.other,
      custom_operators: custom.join(', ').slice(0, TEXT_MAX),
    },
    ...(await leadingDigest(source, signal)),
  };
}

/** Operators that come with no TensorFlow Lite runtime. `Flex…` are those of TensorFlow itself. */
async function customOperators(model: FlatTable, findings: FindingCollector): Promise<string[]> {
  const names: string[] = [];
  for await (const code of model.tables(MODEL.operatorCodes, OPERATORS_MAX, 'operator codes')) {
    const builtin = Math.max(await code.uint8(OPERATOR_CODE.oldBuiltin), await code.int32(OPERATOR_CODE.builtin));
    if (builtin !== CUSTOM) continue;
    const operator = await code.text(OPERATOR_CODE.custom, TEXT_MAX);
    names.push(operator);
    noteRiskyText(operator, { key: 'operator' }, findings);
    const detail = { operator: operator.slice(0, 200) };
    const effect = operator.startsWith('Flex') ? dangerousOperator(operator.slice(4)) : null;
    if (effect !== null) findings.add('tensorflow-dangerous-op', 'danger', { ...detail, effect });
    else if (!operator.startsWith('Flex')) findings.add('custom-domain', 'caution', detail);
  }
  return names;
}

/** Model metadata are a zip behind the model (tensorflow.org/lite/models/metadata), so a zip alone is only worth a note. */
async function reportSecondReading(
  source: ByteSource,
  head: Uint8Array,
  report: ContentReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  const other = await findPolyglot(source, head, signal);
  if (other === null) return;
  if (other.kind === 'zip') {
    const inner = await scanArchive(source, report.budget, signal);
    // What lies before the archive is the model itself.
    const told = inner.findings.filter(({ code }) => code !== 'polyglot');
    const harmless = told.every(({ severity }) => severity === 'note');
    report.find('polyglot', harmless ? 'note' : 'danger', { kind: 'zip' }, other.offset);
    report.take({ findings: told, imports: inner.imports });
  } else report.find('polyglot', 'caution', { kind: other.kind }, other.offset);
}

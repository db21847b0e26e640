/** Keras 3 archives: a zip of `config.json`, `metadata.json` and `model.weights.h5` (keras/src/saving/saving_lib.py). */
import type { ByteSource } from '../bytes/source.ts';
import { FindingCollector } from '../content/collector.ts';
import { inspectKerasConfig, newKerasFacts } from '../content/keras-config.ts';
import { parseLooseJson, textOf, valueOf, type Loose } from '../content/loose-json.ts';
import { AppError } from '../errors.ts';
import { TEXT_SHOWN_MAX } from '../limits.ts';
import { incompleteOr } from './acts.ts';
import { ContentReport, scanEntries, scanGaps } from './archive-content.ts';
import type { Format, InnerChecksum, MetaEntry, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { looksLikeKeras } from './keras/magic.ts';
import { openWeights, type KerasWeights } from './keras/weights.ts';
import { findEntry, openZip, type ZipArchive } from './zip/archive.ts';
import { STORED, type LocatedEntry } from './zip/entry.ts';
import { readEntry } from './zip/read.ts';

const WEIGHTS = 'model.weights.h5';

export const keras: Format = {
  id: 'keras',
  title: 'Keras',
  extensions: ['.keras'],
  match: (head, { name }) => looksLikeKeras(head, name),
  open: openKeras,
};

async function openKeras(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const archive = await openZip(source, signal);
  const report = new ContentReport();
  report.take({ findings: archive.findings, imports: [] });
  report.problems.push(...archive.problems);
  const facts: Record<string, string | number | boolean> = { entries: archive.entries.length };
  const metadata: MetaEntry[] = [];
  const known = new Set<LocatedEntry>();
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
      report.problems.push(error);
    }
  };

  await attempt(() => readConfigs(archive, known, report, facts, metadata, signal));
  await attempt(() => readMetadata(archive, known, facts, signal));
  let weights: KerasWeights | null = null;
  const located = findEntry(archive, WEIGHTS);
  if (located === undefined) {
    if (!archive.entries.some(({ name }) => /\.(?:h5|npz)$/.test(name))) {
      report.problems.push(new AppError('FORMAT_MISSING_ENTRY', { entry: WEIGHTS }));
    }
  } else {
    await attempt(async () => {
      weights = await openWeights(source, located, signal);
      // Damaged weights are looked through below, for what else they may be.
      known.add(located);
    });
  }
  await scanEntries(archive, known, report, signal);
  await scanGaps(archive, report, signal);
  const content: KerasWeights | null = weights;
  return {
    format: 'keras',
    tensors: tensorsOf(content),
    metadata: [...metadata, ...metadataOf(content)],
    findings: [...report.findings, ...findingsOf(content)],
    imports: report.imports,
    ...incompleteOr(report.problems, report.findings, report.imports),
    checksums: located?.method === STORED && located.dataStart >= 0 ? [checksum(located)] : [],
    facts,
    ...(await leadingDigest(source, signal)),
    payload(tensor, abort) {
      if (content === null) throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor: tensor.name });
      return (content as KerasWeights).payload(tensor, abort);
    },
  };
}

/** Every `config.json` there is: which of two a loader takes is not for this program to guess. */
async function readConfigs(
  archive: ZipArchive,
  known: Set<LocatedEntry>,
  report: ContentReport,
  facts: Record<string, string | number | boolean>,
  metadata: MetaEntry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const configs = archive.entries.filter(({ name }) => name === 'config.json');
  if (configs.length === 0) throw new AppError('FORMAT_MISSING_ENTRY', { entry: 'config.json' });
  const findings = new FindingCollector();
  const keras = newKerasFacts();
  try {
    for (const entry of configs) {
      const bytes = await readEntry(archive.source, entry, signal);
      known.add(entry);
      const { root, notes } = parseLooseJson(bytes);
      for (const key of notes.duplicates) findings.add('duplicate-key', 'caution', { key, entry: entry.name });
      inspectKerasConfig(root, entry.name, findings, keras);
      facts['model_class'] = textOf(valueOf(root, 'class_name'))?.slice(0, 200) ?? '';
      facts['model_name'] = textOf(valueOf(valueOf(root, 'config'), 'name'))?.slice(0, 200) ?? '';
      metadata.push({
        key: entry.name,
        type: 'JSON',
        value: new TextDecoder().decode(bytes.subarray(0, TEXT_SHOWN_MAX)),
      });
    }
  } finally {
    // What was found stands, also when a second configuration is broken.
    for (const finding of findings.list()) report.find(finding.code, finding.severity, finding.detail);
    if (keras.lambdaLayers.length > 0) {
      facts['executes_code_on_load'] = true;
      facts['lambda_layers'] = keras.lambdaLayers.join(', ').slice(0, 4096);
    }
  }
}

async function readMetadata(
  archive: ZipArchive,
  known: Set<LocatedEntry>,
  facts: Record<string, string | number | boolean>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const entry = findEntry(archive, 'metadata.json');
  if (entry === undefined) return;
  const { root } = parseLooseJson(await readEntry(archive.source, entry, signal));
  known.add(entry);
  for (const key of ['keras_version', 'date_saved']) {
    const value: Loose | undefined = valueOf(root, key);
    if (typeof value === 'string') facts[key] = value.slice(0, 200);
  }
}

function checksum({ dataStart, dataEnd, crc32, name }: LocatedEntry): InnerChecksum {
  return { algorithm: 'crc32', start: dataStart, end: dataEnd, value: crc32, name };
}

function tensorsOf(weights: KerasWeights | null): OpenArtifact['tensors'] {
  return weights?.tensors ?? [];
}

function metadataOf(weights: KerasWeights | null): readonly MetaEntry[] {
  return (weights?.metadata ?? []).map((entry) => ({ ...entry, key: `${WEIGHTS}:${entry.key}` }));
}

function findingsOf(weights: KerasWeights | null): OpenArtifact['findings'] {
  return weights?.findings ?? [];
}

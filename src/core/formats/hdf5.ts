/** HDF5 files (HDF5 file format specification 4.0), and what Keras keeps in them. */
import type { ByteSource } from '../bytes/source.ts';
import { FindingCollector } from '../content/collector.ts';
import { AppError } from '../errors.ts';
import { SIDE_FILE_MAX, TENSORS_MAX, TEXT_SHOWN_MAX } from '../limits.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { Format, MetaEntry, OpenArtifact } from './format.ts';
import { assembleChunks, assembleFill } from './hdf5/assemble.ts';
import type { Attribute } from './hdf5/attributes.ts';
import type { Dataset } from './hdf5/dataset.ts';
import { describeDataset, reportPath } from './hdf5/describe.ts';
import { GlobalHeaps } from './hdf5/global-heap.ts';
import { looksLikeHdf5 } from './hdf5/magic.ts';
import { readSuperblock, type Superblock } from './hdf5/superblock.ts';
import { attributeText, attributeValue, typeName } from './hdf5/values.ts';
import { walkObjects } from './hdf5/walk.ts';
import { leadingDigest } from './header-digest.ts';
import { inspectKerasAttributes } from './keras/attributes.ts';

/** Deeper than any module tree. */
const DEPTH_ODD = 64;
/** Attributes, links and odd objects that are kept for display, and the text of all attributes together. */
const METADATA_MAX = 10_000;
const METADATA_TEXT_MAX = 4 * 1024 * 1024;

export const hdf5: Format = {
  id: 'hdf5',
  title: 'HDF5',
  extensions: ['.h5', '.hdf5'],
  match: looksLikeHdf5,
  open: openHdf5,
};

async function openHdf5(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const superblock = await readSuperblock(source, signal);
  const content = await readContent(superblock);
  return {
    format: 'hdf5',
    ...content,
    ...(await leadingDigest(source, signal)),
  };
}

/** Everything but the digest of the header: also for a file inside another. @throws AppError FORMAT_*; SOURCE_* */
export async function readContent(
  superblock: Superblock,
): Promise<
  Pick<OpenArtifact, 'tensors' | 'metadata' | 'findings' | 'facts'> & Required<Pick<OpenArtifact, 'payload'>>
> {
  const { file, root } = superblock;
  const heaps = new GlobalHeaps(file);
  const findings = new FindingCollector();
  const metadata: MetaEntry[] = [];
  const datasets = new Map<string, Dataset>();
  const attributes: { path: string; attribute: Attribute }[] = [];
  const counts = { groups: 0, others: 0, links: 0 };
  let deepest = 0;
  const note = (entry: MetaEntry): void => {
    if (metadata.length < METADATA_MAX) metadata.push(entry);
  };

  await walkObjects(file, root, {
    group(path, depth) {
      if (path !== '') counts.groups += 1;
      deepest = Math.max(deepest, depth);
    },
    dataset(path, dataset) {
      if (datasets.size >= TENSORS_MAX)
        throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'datasets', max: TENSORS_MAX });
      if (datasets.has(path)) throw new AppError('FORMAT_DUPLICATE_TENSOR', { tensor: path.slice(0, 200) });
      datasets.set(path, dataset);
    },
    other(path) {
      counts.others += 1;
      note({ key: path, type: 'OBJECT', value: 'Datatype' });
    },
    attribute(path, attribute) {
      if (attributes.length < METADATA_MAX) attributes.push({ path, attribute });
    },
    link(path, link) {
      counts.links += 1;
      if (link.kind === 'soft') note({ key: path, type: 'SOFT LINK', value: link.target.slice(0, 4096) });
      if (link.kind !== 'external') return;
      note({ key: path, type: 'EXTERNAL LINK', value: `${link.file}:${link.target}`.slice(0, 4096) });
      reportPath(findings, 'external-link', path, link.file);
    },
    again(path, first, inside) {
      note({ key: path, type: 'HARD LINK', value: `/${first}` });
      if (inside) findings.add('cyclic-structure', 'caution', { name: path.slice(0, 200) });
    },
  });
  if (deepest > DEPTH_ODD) findings.add('deep-structure', 'caution', { depth: deepest });

  const tensors: TensorEntry[] = [];
  for (const [path, dataset] of datasets) {
    const entry = await describeDataset(file, heaps, path, dataset, findings);
    if (entry !== null) tensors.push(entry);
    else {
      counts.others += 1;
      note({ key: path, type: 'DATASET', value: dataset.space.empty ? 'empty' : typeName(dataset.type) });
    }
  }
  let text = METADATA_TEXT_MAX;
  for (const { path, attribute } of attributes) {
    const key = path === '' ? attribute.name : `${path}@${attribute.name}`;
    const value = await attributeValue(file, heaps, attribute, Math.min(TEXT_SHOWN_MAX, text));
    text = Math.max(0, text - JSON.stringify(value).length);
    note({ key, type: typeName(attribute.type), value });
  }
  const rootTexts = attributes.filter(({ path }) => path === '').map(({ attribute }) => attribute);
  const keras = await inspectKerasAttributes(rootTexts, (attribute) =>
    attributeText(file, heaps, attribute, SIDE_FILE_MAX),
  );
  const trailing = file.source.size - file.end;
  if (trailing > 0)
    findings.add('trailing-bytes', 'caution', { length: trailing }, { offset: file.end, length: trailing });

  return {
    tensors,
    metadata,
    findings: [...findings.list(), ...keras.findings],
    facts: {
      superblock_offset: superblock.offset,
      superblock_version: superblock.version,
      groups: counts.groups,
      links: counts.links,
      other_objects: counts.others,
      ...keras.facts,
    },
    payload(tensor, abort) {
      const dataset = datasets.get(tensor.name);
      if (dataset === undefined) throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor: tensor.name });
      const { layout } = dataset;
      if (layout.kind === 'chunked') return assembleChunks(file, dataset, layout, tensor.name, abort);
      return toAsync(assembleFill(dataset.fill, dataset.type.size, tensor.byteLength));
    },
  };
}

async function* toAsync<T>(values: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* values;
}

import { MemorySource } from '../../bytes/memory.ts';
import type { ByteSource } from '../../bytes/source.ts';
import type { Finding } from '../../content/finding.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { OpenArtifact } from '../format.ts';
import { readContent } from '../hdf5.ts';
import { readSuperblock } from '../hdf5/superblock.ts';
import { SubSource } from '../sub-source.ts';
import { STORED, type LocatedEntry } from '../zip/entry.ts';
import { readEntry } from '../zip/read.ts';

/** The weights file of a Keras archive as part of the archive. */
export interface KerasWeights extends Pick<OpenArtifact, 'tensors' | 'metadata' | 'findings' | 'facts'> {
  payload(tensor: TensorEntry, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * Opens `model.weights.h5` inside a zip: where it lies when it is stored, in memory when it is compressed and fits.
 *
 * @throws AppError FORMAT_*; SOURCE_*
 */
export async function openWeights(
  source: ByteSource,
  located: LocatedEntry,
  signal?: AbortSignal,
): Promise<KerasWeights> {
  if (located.problem !== null) throw located.problem;
  if (located.method === STORED) {
    const inner = new SubSource(source, located.name, located.dataStart, located.dataEnd);
    const content = await readContent(await readSuperblock(inner, signal));
    return {
      ...content,
      tensors: content.tensors.map((tensor) => moved(tensor, located.dataStart)),
      findings: content.findings.map((finding) => movedFinding(finding, located.dataStart)),
    };
  }
  const inner = new MemorySource(located.name, await readEntry(source, located, signal));
  const content = await readContent(await readSuperblock(inner, signal));
  const inside = new Map(content.tensors.map((tensor) => [tensor.name, tensor]));
  return {
    ...content,
    // Offsets inside unpacked bytes are no places of the archive.
    tensors: content.tensors.map(unplaced),
    findings: content.findings.map(({ code, severity, detail }) => ({ code, severity, detail })),
    payload(tensor, abort) {
      const own = inside.get(tensor.name);
      if (own === undefined || own.storage.kind !== 'range') return content.payload(tensor, abort);
      return inner.stream(own.storage.start, own.storage.start + own.byteLength, abort);
    },
  };
}

function moved(tensor: TensorEntry, by: number): TensorEntry {
  const { storage } = tensor;
  return storage.kind === 'range' ? { ...tensor, storage: { ...storage, start: storage.start + by } } : tensor;
}

function movedFinding(finding: Finding, by: number): Finding {
  return finding.offset === undefined ? finding : { ...finding, offset: finding.offset + by };
}

function unplaced(tensor: TensorEntry): TensorEntry {
  const { storage } = tensor;
  if (storage.kind !== 'range') return tensor;
  return {
    ...tensor,
    storage: { kind: 'assembled', ...(storage.order === undefined ? {} : { order: storage.order }) },
  };
}

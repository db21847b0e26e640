import { isPlainData } from '../formats/set/data-files.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { ArtifactScan } from './model.ts';
import { dataRegions } from './regions.ts';

/**
 * The same scans, with files that hold the numbers of a model described elsewhere (ONNX external data, TensorFlow data
 * files) told as that: which file describes them and what each of their bytes is for. What their own first bytes or their
 * name suggest does not count then, unless they are archives, pickles, pointers or programs.
 */
export function withDataFiles(scans: readonly ArtifactScan[]): readonly ArtifactScan[] {
  const held = heldElsewhere(scans);
  if (held.size === 0) return scans;
  return scans.map((scan) => {
    const described = held.get(scan.path);
    if (described === undefined || scan.format !== undefined || !isPlainData(scan)) return scan;
    const { formatError: _error, notAModel: _kind, ...rest } = scan;
    const bytes = described.tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return {
      ...rest,
      facts: {
        ...scan.facts,
        data_of: [...described.by].sort().slice(0, 8).join(', '),
        tensors_here: described.tensors.length,
        tensor_bytes_here: Math.min(bytes, Number.MAX_SAFE_INTEGER),
      },
      regions: dataRegions(described.tensors, scan.size),
    };
  });
}

interface Held {
  /** Paths of the files that describe it. */
  readonly by: Set<string>;
  readonly tensors: TensorEntry[];
}

/** By path of the file that holds the bytes. */
function heldElsewhere(scans: readonly ArtifactScan[]): ReadonlyMap<string, Held> {
  const held = new Map<string, Held>();
  for (const { path, tensors } of scans) {
    for (const tensor of tensors) {
      if (tensor.storage.kind !== 'external' || tensor.storage.path === path) continue;
      const known = held.get(tensor.storage.path) ?? { by: new Set<string>(), tensors: [] };
      held.set(tensor.storage.path, known);
      known.by.add(path);
      known.tensors.push(tensor);
    }
  }
  return held;
}

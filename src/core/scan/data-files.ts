import type { Finding } from '../content/finding.ts';
import type { Region } from '../formats/format.ts';
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
    const regions = dataRegions(described.tensors, scan.size, described.whole);
    const bytes = described.tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return {
      ...rest,
      facts: {
        ...scan.facts,
        data_of: [...described.by].sort().slice(0, 8).join(', '),
        tensors_here: described.tensors.length,
        tensor_bytes_here: Math.min(bytes, Number.MAX_SAFE_INTEGER),
      },
      regions,
      findings: [...scan.findings, ...(described.whole ? unclaimed(regions, scan) : [])],
    };
  });
}

/**
 * Writers lay tensors out on pages, onnxruntime on 64 KiB (its `allocation granularity` of Windows): shorter gaps are
 * filling. Nothing needs filling at the end but a page.
 */
const GAP_MAX = 64 * 1024;
const TAIL_MAX = 4096;

/** One finding for all gaps, one for what follows: a hostile file may have a million. */
function unclaimed(regions: readonly Region[], { path, size }: ArtifactScan): readonly Finding[] {
  const left = regions.filter(
    ({ kind, start, end }) => kind === 'unreferenced' && end - start > (end === size ? TAIL_MAX : GAP_MAX),
  );
  const gaps = left.filter(({ end }) => end < size);
  const found: Finding[] = [];
  const [first] = gaps;
  if (first !== undefined) {
    const bytes = gaps.reduce((sum, { start, end }) => sum + end - start, 0);
    const place = { path, offset: first.start, length: first.end - first.start };
    found.push({ code: 'hole', severity: 'caution', ...place, detail: { bytes, gaps: gaps.length } });
  }
  const tail = left.find(({ end }) => end === size);
  if (tail !== undefined) {
    const bytes = tail.end - tail.start;
    found.push({
      code: 'trailing-bytes',
      severity: 'caution',
      path,
      offset: tail.start,
      length: bytes,
      detail: { bytes },
    });
  }
  return found;
}

interface Held {
  /** Every byte of the file is a tensor's or nobody's: TensorFlow's hold text and parts of variables as well. */
  whole: boolean;
  /** Paths of the files that describe it. */
  readonly by: Set<string>;
  readonly tensors: TensorEntry[];
}

/** By path of the file that holds the bytes. */
function heldElsewhere(scans: readonly ArtifactScan[]): ReadonlyMap<string, Held> {
  const held = new Map<string, Held>();
  for (const { path, tensors, format } of scans) {
    for (const tensor of tensors) {
      if (tensor.storage.kind !== 'external' || tensor.storage.path === path) continue;
      const known = held.get(tensor.storage.path) ?? { by: new Set<string>(), tensors: [], whole: true };
      held.set(tensor.storage.path, known);
      known.whole &&= format === 'onnx';
      known.by.add(path);
      known.tensors.push(tensor);
    }
  }
  return held;
}

/** TorchScript source in `code/`: operators that reach outside of tensors. The text is searched, never parsed or run. */
import type { ZipArchive } from '../zip/archive.ts';
import { readEntry } from '../zip/read.ts';
import type { ContentReport } from '../archive-content.ts';
import { AppError } from '../../errors.ts';

/** Files of one operator are listed once each. */
const LISTED = 50;
const FILE_MAX = 16 * 1024 * 1024;

/** Namespaces of operators that come with PyTorch and work on values alone, apart from `DANGEROUS`. */
const OWN = new Set([
  'aten',
  'prim',
  'prims',
  'quantized',
  'quantized_decomposed',
  'sparse',
  'mkldnn',
  'mkldnn_prepacked',
  'xnnpack',
  'metal_prepack',
  '_quantized',
  '_caffe2',
  'cuda',
  'profiler',
  'inductor',
  'torchvision',
  'cudnn',
  'onednn',
]);
/** Operators that read or write files, use the network or load code (`native_functions.yaml`, `register_prim_ops.cpp`). */
const DANGEROUS =
  /^(?:aten\.(?:from_file|save|load|_load_for_executorch)|prim\.(?:PythonOp|CallFunction_py|rpc_\w+|ModuleContainer_load)|rpc\.\w+|dist\.\w+|c10d\w*\.\w+|image\.(?:read_file|write_file)|video_reader\.\w+|io\.\w+|torchaudio\.(?:sox_\w*file\w*|ffmpeg\w*|\w*(?:load|save)\w*)|\w+\.(?:read_file|write_file|load_library|from_file|system|exec|open))$/;
const CALLS = /\bops\.([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b/g;
/** Written as `torch.<name>(…)` in the source: the same operators under their short names. */
const SHORT = /\btorch\.(from_file|save|load|jit|hub|ops\.load_library|classes\.\w+\.\w+)\s*\(/g;

/** Searches the source files of a TorchScript archive. */
export async function scanCode(
  archive: ZipArchive,
  folder: string,
  report: ContentReport,
  signal?: AbortSignal,
): Promise<string[]> {
  const files: string[] = [];
  const custom = new Set<string>();
  const seen = new Set<string>();
  for (const entry of archive.entries) {
    if (!entry.name.startsWith(folder) || !entry.name.endsWith('.py')) continue;
    files.push(entry.name);
    let text: string;
    try {
      text = new TextDecoder('utf-8').decode(await readEntry(archive.source, entry, signal, FILE_MAX));
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
      report.problems.push(error);
      report.find(
        'unreadable-entry',
        'caution',
        { entry: entry.name.slice(0, 200), reason: error.code },
        entry.localOffset,
      );
      continue;
    }
    for (const op of operatorsIn(text)) {
      const [space] = op.split('.', 1) as [string];
      if (op.startsWith('torch.') || DANGEROUS.test(op)) {
        const shown = op.startsWith('torch.') ? op : `ops.${op}`;
        if (seen.has(shown) || seen.size >= LISTED) continue;
        seen.add(shown);
        report.find(
          'torchscript-dangerous-op',
          'danger',
          { op: shown, entry: entry.name.slice(0, 200) },
          entry.localOffset,
        );
      } else if (!OWN.has(space) && custom.size < LISTED) custom.add(space);
    }
  }
  if (custom.size > 0) report.find('custom-domain', 'note', { domain: [...custom].sort().join(', ') });
  return files;
}

/** `aten.relu` for `ops.aten.relu(…)`, `torch.from_file` for the short form. */
function operatorsIn(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, space, name] of text.matchAll(CALLS)) found.add(`${space}.${name}`);
  for (const [, name] of text.matchAll(SHORT)) found.add(`torch.${name}`);
  return found;
}

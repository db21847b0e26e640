import type { ByteSource } from '../bytes/source.ts';
import type { Finding } from '../content/finding.ts';
import { AppError, type ErrorData } from '../errors.ts';
import { lineEndsMangled, utf8Mangled } from './disguise/damage.ts';
import { EdgeSource } from './edge-source.ts';
import type { FormatId, OpenArtifact } from './format.ts';
import { containerName } from './magic.ts';
import { detectNotAModel, type NotAModel, type NotAModelKind } from './not-a-model.ts';
import { formatByName, identify, type Identified } from './registry.ts';

/** What a file is, from its edges and headers. At most one of `notAModel`, `opened` and `formatError`. */
export interface FileDescription {
  readonly notAModel?: NotAModel;
  readonly opened?: OpenArtifact;
  /** Why the container could not be opened. */
  readonly formatError?: ErrorData;
  /** Facts beside those of `opened`. */
  readonly findings: readonly Finding[];
}

const HEAD = 4096;
/** Kinds that give way to a reader which knows the file by its bytes. */
const CONTAINERS: ReadonlySet<NotAModelKind> = new Set([
  'base64',
  'gzip',
  'pickle',
  'pytorch-zip',
  'text',
  'truncated',
  'zip',
]);
/** Endings under which archives and pickles are at home. */
const TORCH_NAMES = /\.(?:pt|pth|bin|ckpt|pkl|pickle|zip|npz|keras|model|mar|nemo)$/i;
const WEIGHT_NAMES = /\.(?:safetensors|gguf|onnx|h5|hdf5|npy|tflite|pb)$/i;
/** PyTorch's containers share their endings: `.pt` says nothing about which of them a file is. */
const TORCH: ReadonlySet<FormatId> = new Set([
  'pytorch-legacy',
  'pytorch-tar',
  'pytorch-zip',
  'torch-export',
  'torchscript',
]);
/** Damage is looked for in this much of the beginning and of the end. */
const DAMAGE_SAMPLE = 64 * 1024;

/**
 * Looks what a file is and opens it: not-a-model first, then the reader its bytes ask for, then, when it fails, whether
 * a known kind of damage explains why.
 *
 * @throws AppError SOURCE_* when the file cannot be read; FORMAT_* never, those are part of the answer
 */
export async function describeFile(file: ByteSource, signal?: AbortSignal): Promise<FileDescription> {
  const source = await EdgeSource.over(file, signal);
  const head = source.head.subarray(0, HEAD);
  const tail = source.tail;
  const identified = identify(head, source.name, source.size);
  const edges = { name: source.name, size: source.size, ...(tail === undefined ? {} : { tail }) };
  const notAModel = detectNotAModel(head, edges);
  if (notAModel === null || (identified?.by === 'content' && CONTAINERS.has(notAModel.kind))) {
    return open(source, identified, signal);
  }
  // A download under its own name for it may still be whole: then what it holds is shown.
  if (notAModel.kind === 'partial-download' && identified?.by === 'content') {
    const tried = await open(source, identified, signal);
    if (tried.opened !== undefined) return tried;
  }
  return { notAModel, findings: findingsAbout(notAModel, source.name) };
}

async function open(
  source: EdgeSource,
  identified: Identified | null,
  signal: AbortSignal | undefined,
): Promise<FileDescription> {
  if (identified === null) {
    const container = containerName(source.head, source.size);
    const detail = { name: source.name, ...(container === null ? {} : { container }) };
    return { formatError: { code: 'FORMAT_UNKNOWN', detail }, findings: [] };
  }
  try {
    const format = await identified.entry.load();
    const opened = await format.open(source, signal);
    // Both kinds of damage make a file longer; a tolerant format reads on and finds the surplus at the end.
    const surplus = opened.findings.some(({ code }) => code === 'trailing-bytes');
    const damage = surplus ? diagnose(source) : null;
    if (damage !== null) return { notAModel: damage, findings: [] };
    return { opened, findings: mismatch(source.name, identified) };
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
    const damage = identified.by === 'content' ? diagnose(source) : null;
    if (damage !== null) return { notAModel: damage, findings: [] };
    // Nothing in the bytes asked for this reader: who knows more about the file may say what it is instead.
    const byName = identified.by === 'name' ? { byName: identified.entry.title } : {};
    return { formatError: { code: error.code, detail: { ...error.detail, ...byName } }, findings: [] };
  }
}

/** Why the container of a file with the right first bytes does not hold together. */
function diagnose({ head, tail }: EdgeSource): NotAModel | null {
  const start = head.subarray(0, DAMAGE_SAMPLE);
  const end = tail?.subarray(-DAMAGE_SAMPLE) ?? start;
  if (utf8Mangled(start, end)) return { kind: 'utf8-mangled', detail: {} };
  if (lineEndsMangled(start, end)) return { kind: 'crlf-mangled', detail: {} };
  return null;
}

/** The name claims one format, the bytes are another's. */
function mismatch(name: string, { entry, by }: Identified): Finding[] {
  const named = formatByName(name);
  if (by === 'name' || named === null || named.id === entry.id) return [];
  if (TORCH.has(named.id) && TORCH.has(entry.id)) return [];
  return [{ code: 'extension-mismatch', severity: 'caution', detail: { named: named.title, format: entry.title } }];
}

function findingsAbout({ kind }: NotAModel, name: string): Finding[] {
  if (kind === 'elf' || kind === 'pe') {
    return [{ code: 'executable', severity: 'danger', detail: { kind: kind === 'elf' ? 'ELF' : 'PE' } }];
  }
  const container = kind === 'pickle' || kind === 'pytorch-zip' || kind === 'zip';
  if (!container || TORCH_NAMES.test(name) || !WEIGHT_NAMES.test(name)) return [];
  const named = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const format = kind === 'pickle' ? 'a pickle' : kind === 'zip' ? 'a ZIP archive' : 'a PyTorch archive';
  return [{ code: 'extension-mismatch', severity: 'danger', detail: { named, format } }];
}

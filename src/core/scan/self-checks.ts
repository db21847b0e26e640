/** Checks of files against themselves: is it what its name says, does it end where its header says. */
import type { Check } from '../claims/check.ts';
import { CheckList, type CheckDraft } from '../claims/check-list.ts';
import type { ErrorCode } from '../errors.ts';
import type { NotAModelKind } from '../formats/not-a-model.ts';
import type { ArtifactScan, PlannedArtifact } from './model.ts';

const ITSELF = { kind: 'format', name: 'the file itself', independent: false } as const;

/** The header states where things are, and they are not there. Everything else about a header is "could not be read". */
const BOUNDS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'FORMAT_BOUNDS',
  'FORMAT_CHECKSUM',
  'FORMAT_HOLE',
  'FORMAT_OVERLAP',
  'FORMAT_SIZE_MISMATCH',
  'FORMAT_TRAILING_BYTES',
  'FORMAT_TRUNCATED',
]);

/** Archives and checkpoints that are at home under many names: a contradiction only where the name promises another format. */
const OTHER_CONTAINERS: ReadonlySet<NotAModelKind> = new Set<NotAModelKind>([
  '7z',
  'bzip2',
  'ggml-legacy',
  'gzip',
  'pickle',
  'pytorch-zip',
  'rar',
  'xz',
  'zip',
  'zstd',
]);
const PROMISES = /\.(?:safetensors|gguf)$/i;
/** Containers whose header states where the file ends. */
const BOUNDED: ReadonlySet<string> = new Set(['safetensors', 'gguf']);

/** @param roles by path: of files beside the weights only what keeps them from being read is said */
export function selfChecks(
  scans: readonly ArtifactScan[],
  roles: ReadonlyMap<string, PlannedArtifact['role']>,
): readonly Check[] {
  const out = new CheckList();
  for (const scan of scans) {
    const beside = roles.get(scan.path) !== 'weights';
    if (beside && scan.formatError === undefined && scan.notAModel === undefined) continue;
    const draft = check(scan);
    if (draft !== null) out.add({ ...draft, axis: 'contents', source: ITSELF, path: scan.path });
  }
  return out.list();
}

type Draft = Omit<CheckDraft, 'axis' | 'source' | 'path'>;

function check(scan: ArtifactScan): Draft | null {
  const { notAModel, formatError, format, size, tensors } = scan;
  if (notAModel !== undefined) {
    const detail = { ...notAModel.detail, instead: notAModel.kind, sizeHere: size };
    const fits = OTHER_CONTAINERS.has(notAModel.kind) && !PROMISES.test(scan.path);
    return { kind: 'not-a-model', outcome: fits ? 'no-claim' : 'contradicts', detail };
  }
  if (formatError !== undefined) {
    if (!BOUNDS.has(formatError.code)) return { kind: 'container', outcome: 'could-not-check', reason: formatError };
    return {
      kind: 'container-bounds',
      outcome: 'contradicts',
      reason: formatError,
      ...boundsFacts(formatError.detail),
    };
  }
  if (format === undefined) return null;
  const kind = BOUNDED.has(format) ? 'container-bounds' : 'container';
  return { kind, outcome: 'matches', detail: { format, tensors: tensors.length } };
}

/** `missing` or `extra` bytes, and the first tensor that is not whole. */
function boundsFacts(
  detail: Readonly<Record<string, string | number | boolean>>,
): Pick<Draft, 'detail' | 'expected' | 'actual'> {
  const { missing, tensor, expected, actual, bytes } = detail;
  const facts = {
    ...(missing === undefined ? {} : { missing }),
    ...(tensor === undefined ? {} : { tensor }),
    ...(missing !== undefined || bytes === undefined ? {} : { extra: bytes }),
  };
  const sizes =
    expected === undefined || actual === undefined ? {} : { expected: String(expected), actual: String(actual) };
  return { detail: facts, ...sizes };
}

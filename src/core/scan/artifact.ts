import { MemorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Finding } from '../content/finding.ts';
import { throwIfAborted, toErrorData } from '../errors.ts';
import { describeFile } from '../formats/describe.ts';
import type { Algorithm } from '../hash/hasher.ts';
import { GIT_BLOB_MAX } from '../limits.ts';
import type { JobContext } from '../progress.ts';
import { counted } from './counted.ts';
import { describeArtifact, type ArtifactDescription } from './describe-artifact.ts';
import { emptyScan } from './empty.ts';
import type { ArtifactScan, Depth, PlannedArtifact } from './model.ts';
import { readOnce, type PassResult, type PassTools } from './pass.ts';
import { layoutRegions } from './regions.ts';
import { Witness } from './witness.ts';

export interface ScanTools extends PassTools {
  /** How headers are read; tests give their own. Default: every format of the registry. */
  readonly describe?: typeof describeFile;
  /** Told what the header says before the body is read. */
  readonly described?: (soFar: ArtifactScan) => void;
}

type Draft = { -readonly [K in keyof ArtifactScan]: ArtifactScan[K] };

/**
 * Everything computed about one artifact: what it is, from its header, and at depth `full` the digests of the file and
 * of each tensor, from one read of its body.
 *
 * Never rejects. A file that cannot be read, or changes meanwhile, is `failed` with a SOURCE_* error; a stopped scan is
 * `aborted`; both keep what the header told and never carry a digest. A file that is no model, or whose container is
 * refused, is hashed all the same.
 */
export async function scanArtifact(
  source: ByteSource,
  planned: PlannedArtifact,
  depth: Depth,
  tools: ScanTools,
  ctx: JobContext,
): Promise<ArtifactScan> {
  const started = performance.now();
  const { source: watched, read } = counted(source);
  const witness = new Witness(watched);
  const draft: Draft = { ...emptyScan(planned.path, source.size) };
  try {
    throwIfAborted(ctx.signal);
    const found = await describeArtifact(witness.source, planned, ctx.signal, tools.describe);
    witness.seal();
    describe(draft, found, source.size);
    tools.described?.(draft);
    if (depth === 'full') {
      const { opened } = found;
      const wants = {
        algorithms: wantedAlgorithms(planned, source.size),
        tensorAlgorithms: planned.tensorAlgorithms,
        ...(opened === undefined ? {} : { opened }),
        ...(found.held === undefined ? { witness } : {}),
        regions: draft.regions,
        numbers: planned.numbers ?? false,
      };
      const body = found.held === undefined ? watched : inMemory(found.held, watched);
      complete(draft, await readOnce(body, wants, tools, ctx));
    } else {
      draft.status = 'headers-only';
    }
  } catch (error) {
    const data = toErrorData(error);
    draft.status = data.code === 'SOURCE_ABORTED' ? 'aborted' : 'failed';
    if (draft.status === 'failed') draft.error = data;
  }
  draft.bytesRead = read();
  draft.seconds = (performance.now() - started) / 1000;
  return draft;
}

/** Bytes that were read already, as the source they came from. */
function inMemory(bytes: Uint8Array, source: ByteSource): ByteSource {
  const held = new MemorySource(source.name, bytes);
  held.settle = (signal) => source.settle(signal);
  return held;
}

function wantedAlgorithms(planned: PlannedArtifact, size: number): Algorithm[] {
  // Small files on the Hub are known by their git blob id alone.
  return ['sha256', ...(size <= GIT_BLOB_MAX ? (['git-blob-sha1'] as const) : []), ...planned.algorithms];
}

function describe(draft: Draft, found: ArtifactDescription, size: number): void {
  const { notAModel, opened, formatError, findings } = found;
  if (notAModel !== undefined) draft.notAModel = notAModel;
  if (formatError !== undefined) draft.formatError = formatError;
  draft.findings = placed([...findings, ...(opened?.findings ?? [])], draft.path);
  if (found.facts !== undefined) draft.facts = found.facts;
  if (opened === undefined) return;
  draft.format = opened.format;
  if (opened.made !== undefined) draft.made = opened.made;
  if (opened.imports !== undefined) draft.imports = opened.imports;
  if (opened.incomplete !== undefined) draft.formatError = opened.incomplete;
  draft.facts = opened.facts;
  draft.metadata = opened.metadata;
  draft.tensors = opened.tensors;
  draft.regions = layoutRegions(opened, size);
}

function complete(draft: Draft, pass: PassResult): void {
  draft.status = 'complete';
  draft.digests = pass.digests;
  draft.tensorDigests = pass.tensors.digests;
  draft.tensorExtra = pass.tensors.extra;
  if (pass.tensors.numbers !== undefined) draft.tensorNumbers = pass.tensors.numbers;
  draft.tensorData = pass.tensors.data;
  draft.findings = [...headerFindings(draft), ...placed(pass.findings, draft.path)];
  if (pass.tensors.error !== undefined) draft.formatError ??= pass.tensors.error;
}

/** A header's reader may look at the filling it passes by; the pass has seen all of it and says it once. */
function headerFindings({ findings, regions }: Draft): Finding[] {
  return findings.filter(
    ({ code, offset }) =>
      code !== 'nonzero-padding' || !regions.some((r) => r.kind === 'padding' && r.start === offset),
  );
}

function placed(findings: readonly Finding[], path: string): Finding[] {
  return findings.map((finding) => ({ ...finding, path }));
}

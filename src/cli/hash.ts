/** `assay hash`: digests of files, or of tensors, in forms that `sha256sum -c` and this program read back. */
import type { Algorithm } from '../core/hash/hasher.ts';
import { explain } from '../app/text/errors.ts';
import type { ArtifactScan } from '../core/scan/model.ts';
import type { Options } from './args.ts';
import { printable } from './progress-bar.ts';
import { planTarget, readAlgorithms, scanPlan } from './session.ts';

/** @returns exit status: 2 when a file could not be read */
export async function hash(options: Options, signal: AbortSignal): Promise<number> {
  const algorithms = readAlgorithms(options.algorithms);
  const plan = await planTarget(options, 'full', signal);
  const wanted: Algorithm[] = algorithms.length === 0 ? ['sha256'] : algorithms;
  const artifacts = plan.artifacts.map((a) => ({ ...a, algorithms: [...new Set([...a.algorithms, ...wanted])] }));
  const scans = await scanPlan({ ...plan, artifacts }, signal);
  if (options.json)
    console.log(
      JSON.stringify(
        scans.map((s) => asJson(s, wanted)),
        null,
        2,
      ),
    );
  else for (const line of scans.flatMap((s) => textLines(s, wanted, options.tensors))) console.log(line);
  let failed = false;
  for (const scan of scans) {
    if (scan.status === 'complete') continue;
    failed = true;
    const words = explain(scan.error ?? { code: 'SOURCE_ABORTED', detail: {} });
    console.error(printable(`assay: ${scan.path}: ${words.title}`));
  }
  return failed ? 2 : 0;
}

/** GNU form for SHA-256 alone; BSD form, which names its algorithm, otherwise. */
export function textLines(scan: ArtifactScan, wanted: readonly Algorithm[], tensors: boolean): string[] {
  if (scan.status !== 'complete') return [];
  // A tensor without a digest (stated without data, or strided) gets no line rather than an empty one.
  if (tensors)
    return scan.tensors.flatMap((t, i) =>
      scan.tensorDigests[i] ? [`${scan.tensorDigests[i]}  ${printable(`${scan.path}:${t.name}`)}`] : [],
    );
  if (wanted.length === 1 && wanted[0] === 'sha256') return [gnuLine(scan.digests.sha256 ?? '', scan.path)];
  return wanted.map((a) => `${a.toUpperCase()} (${printable(scan.path)}) = ${scan.digests[a]}`);
}

/** As coreutils writes it: a name with a backslash or line end is escaped and the line begins with a backslash. */
function gnuLine(digest: string, path: string): string {
  const escaped = path.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r');
  return `${escaped === path ? '' : '\\'}${digest}  ${printable(escaped)}`;
}

function asJson(scan: ArtifactScan, wanted: readonly Algorithm[]): Record<string, unknown> {
  return {
    path: scan.path,
    size: scan.size,
    status: scan.status,
    ...(scan.error ? { error: scan.error } : {}),
    digests: Object.fromEntries(wanted.map((a) => [a, scan.digests[a] ?? null])),
    tensors: scan.tensors.map((t, i) => ({
      name: t.name,
      dtype: t.dtype,
      shape: t.shape,
      'assay-tensor-v1': scan.tensorDigests[i] || null,
    })),
  };
}

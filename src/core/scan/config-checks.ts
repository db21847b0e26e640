/** Sizes that a `config.json` or `adapter_config.json` states, against the tensors of the weights beside it. */
import { CheckList } from '../claims/check-list.ts';
import type { Loose } from '../content/loose-json.ts';
import type { Finding } from '../content/finding.ts';
import { checkAdapterShapes, checkConfigShapes } from '../formats/config-shapes.ts';
import type { FormatId } from '../formats/format.ts';
import { isAdapterWeights } from '../formats/set/model-folders.ts';
import { folderOf } from '../formats/set/paths.ts';
import type { ArtifactScan, PlannedArtifact } from './model.ts';
import type { SetChecks } from './set-checks.ts';

/** Containers whose tensors bear the names that the configuration's library gives them; the first that is there counts. */
const FAMILIES: readonly ReadonlySet<FormatId>[] = [
  new Set(['safetensors']),
  new Set(['pytorch-zip', 'pytorch-legacy']),
];

/**
 * A difference is a finding about the configuration, agreement a check. Nothing is said where tensors may be missing.
 *
 * @param configs by path; others than `config.json` and `adapter_config.json` are passed over
 * @param incomplete paths of files whose set is not whole
 */
export function configChecks(
  configs: ReadonlyMap<string, Loose>,
  artifacts: readonly PlannedArtifact[],
  scans: ReadonlyMap<string, ArtifactScan>,
  incomplete: ReadonlySet<string>,
): SetChecks {
  const out = new CheckList();
  const findings: Finding[] = [];
  const broken = new Set([...incomplete].map(folderOf));
  for (const [path, config] of configs) {
    const adapter = /(?:^|\/)adapter_config\.json$/.test(path);
    if (!(adapter || /(?:^|\/)config\.json$/.test(path)) || broken.has(folderOf(path))) continue;
    const beside = weightsBeside(path, artifacts, scans);
    // An adapter has matrices for some layers only: it says nothing about the model it is for.
    const weights = beside.filter((scan) => isAdapterWeights(scan.path) === adapter);
    if (weights.length === 0) continue;
    const compared = (adapter ? checkAdapterShapes : checkConfigShapes)(
      config,
      weights.flatMap(({ tensors }) => tensors),
    );
    findings.push(...compared.findings.map((finding) => ({ ...finding, path })));
    if (compared.findings.length > 0 || compared.agreed.length === 0) continue;
    const source = { kind: 'index', name: path, independent: false };
    const detail = { sizes: compared.agreed.join(', ') };
    out.add({ axis: 'contents', kind: 'config-shapes', outcome: 'matches', source, path, detail });
  }
  return { checks: out.list(), findings };
}

/** Opened weights of one family in the same folder; none when one of them could not be opened. */
function weightsBeside(
  config: string,
  artifacts: readonly PlannedArtifact[],
  scans: ReadonlyMap<string, ArtifactScan>,
): readonly ArtifactScan[] {
  const folder = folderOf(config);
  const beside = artifacts.filter(({ path, role }) => role === 'weights' && folderOf(path) === folder);
  const opened = beside.flatMap(({ path }) => scans.get(path) ?? []);
  for (const family of FAMILIES) {
    const weights = opened.filter(({ format }) => format !== undefined && family.has(format));
    if (weights.length === 0) continue;
    const refused = opened.some(({ format, formatError, status }) => {
      const here = format === undefined || family.has(format);
      return here && (formatError !== undefined || status === 'failed' || status === 'aborted');
    });
    return refused ? [] : weights;
  }
  return [];
}

/** A report with everything in it, for looking at the Report screen without making one. No real model. */
import type { Check, TrustSource } from '../src/core/claims/check.ts';
import type { Report, ReportArtifact, ReportTensor } from '../src/core/report/report.ts';

const hex = (seed: number, length = 64): string =>
  Array.from({ length }, (_, i) => ((seed * 31 + i * 7 + ((seed + i) >> 2)) % 16).toString(16)).join('');

const COMMIT = hex(10, 40);
const hub: TrustSource = {
  kind: 'hub',
  name: `org/name at ${COMMIT.slice(0, 7)}`,
  independent: false,
  date: '2026-11-20T09:00:00Z',
};
const sums: TrustSource = { kind: 'sums', name: 'SHA256SUMS', independent: true };
const container: TrustSource = { kind: 'format', name: 'the file itself', independent: false };

const shard = (n: number): string => `model-0000${n}-of-00003.safetensors`;
const tensors = (n: number): ReportTensor[] =>
  ['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((role, i) => ({
    name: `model.layers.${n * 9 + i}.self_attn.${role}.weight`,
    dtype: i === 3 ? 'F32' : 'BF16',
    shape: [4096, 4096],
    start: 4096 + i * 33_554_432,
    bytes: 33_554_432,
    digest: hex(n * 13 + i),
  }));

const artifact = (path: string, size: number, more: Partial<ReportArtifact> = {}): ReportArtifact => ({
  path,
  size,
  status: 'complete',
  role: path.endsWith('.safetensors') ? 'weights' : 'side',
  ...(path.endsWith('.safetensors') ? { format: 'safetensors' } : {}),
  facts: {},
  metadata: [],
  digests: { sha256: hex(path.length + size) },
  tensors: [],
  ...more,
});

const check = (id: string, more: Partial<Check>): Check => ({
  id,
  axis: 'bytes',
  outcome: 'matches',
  kind: 'file-digest',
  source: hub,
  ...(more.kind === undefined ? { algorithm: 'sha256' } : {}),
  ...more,
});

export const SAMPLE: Report = {
  format: 'assay-report',
  version: 1,
  tool: { name: 'assay', version: '0.1.0', commit: '325d7aa81c20' },
  created: '2026-11-20T14:03:12.000Z',
  subject: {
    name: 'org/name',
    origin: 'hub',
    repo: 'org/name',
    commit: COMMIT,
    revision: 'main',
    files: 5,
    bytes: 13_400_000_601,
  },
  depth: 'full',
  stopped: false,
  read: { bytes: 13_400_000_601, seconds: 34.2 },
  artifacts: [
    artifact(shard(1), 4_943_162_240, { tensors: tensors(1) }),
    artifact(shard(2), 3_999_819_336, { tensors: tensors(2) }),
    artifact(shard(3), 4_457_018_424, { tensors: tensors(3) }),
    artifact('config.json', 601),
    artifact('tokenizer.json', 1_795_303, { status: 'not-read', digests: {} }),
  ],
  checks: [
    check('1', {
      outcome: 'contradicts',
      path: shard(3),
      expected: hex(3),
      actual: hex(3).slice(0, 8) + hex(4).slice(8),
    }),
    check('2', { path: shard(1), expected: hex(1), actual: hex(1) }),
    check('3', { path: shard(2), expected: hex(2), actual: hex(2) }),
    check('4', { path: shard(2), source: sums, expected: hex(2), actual: hex(2) }),
    check('5', { path: 'config.json', algorithm: 'git-blob-sha1', expected: hex(5, 40), actual: hex(5, 40) }),
    check('6', { kind: 'container-bounds', source: container, path: shard(1) }),
    check('7', {
      outcome: 'could-not-check',
      path: 'tokenizer.json',
      reason: { code: 'SOURCE_ABORTED', detail: { path: 'tokenizer.json' } },
    }),
    check('8', { axis: 'signer', outcome: 'no-claim', kind: 'signature', source: container }),
  ],
  findings: [
    {
      code: 'trailing-bytes',
      severity: 'caution',
      path: shard(3),
      offset: 4_457_018_000,
      length: 424,
      detail: { bytes: 424 },
    },
    { code: 'template-escape', severity: 'danger', path: 'tokenizer_config.json', detail: { text: '__subclasses__' } },
    { code: 'unusual-type', severity: 'note', path: shard(1), detail: { dtype: 'F8_E4M3', tensor: 'lm_head.weight' } },
  ],
  attestations: [],
  sightings: [
    {
      path: shard(1),
      sha256: hex(1),
      repo: 'hf:org/name',
      file: shard(1),
      revision: COMMIT,
      license: 'apache-2.0',
      trust: 'commit',
      moved: false,
      old: false,
      disputed: false,
      source: { name: 'Model list of some project', url: 'https://example.org/list.json', read: '2026-10-01' },
    },
    {
      path: shard(1),
      sha256: hex(1),
      repo: 'https://example.org/mirror/model.safetensors',
      file: 'model.safetensors',
      trust: 'listed',
      moved: true,
      old: true,
      disputed: true,
      source: { name: 'Another list', url: 'https://example.org/other.json' },
    },
  ],
  database: { id: hex(9), created: '2026-11-20', files: 26_905 },
  axes: {
    bytes: { outcome: 'contradicts', line: '1 of 5 files differs' },
    signer: { outcome: 'no-claim', line: 'Nobody vouches for it' },
    lineage: { outcome: 'no-claim', line: 'Not compared' },
    contents: { outcome: 'could-not-check', line: '3 findings, 1 file not read' },
  },
  verdict: {
    outcome: 'contradicts',
    sentence: 'One of five files is not what org/name published. The other four are byte-identical.',
    note: `Compared with Hugging Face at commit ${COMMIT.slice(0, 7)}, read 20 November 2026. The digests come from the same place as the files.`,
  },
};

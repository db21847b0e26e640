/** Situations for tests: files, claims and circumstances, carried through comparison and report as a run would. */
import type { Attestation } from '../claims/attestations/attestation.ts';
import { createHash } from 'node:crypto';
import { compareClaims, compareReads } from '../claims/compare.ts';
import type { Claim } from '../claims/claim.ts';
import type { Check } from '../claims/check.ts';
import type { CheckDraft } from '../claims/check-list.ts';
import { claimOfSnapshot } from '../claims/hub.ts';
import type { ModelFolder } from '../formats/set/model-folders.ts';
import type { HubSnapshot } from '../hub/ref.ts';
import { absences } from '../scan/absences.ts';
import { emptyScan } from '../scan/empty.ts';
import type { ArtifactScan } from '../scan/model.ts';
import { selfChecks } from '../scan/self-checks.ts';
import { buildReport } from './build.ts';
import type { Report, ReportArtifact, Sighting } from './report.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export type SituationFile = ArtifactScan & { readonly role: ReportArtifact['role'] };

/** A file that was read whole. Names of weights get a sound container with two tensors. */
export function file(path: string, text: string, more: Partial<SituationFile> = {}): SituationFile {
  const weights = /\.(?:safetensors|gguf|bin)$/.test(path);
  const sha1 = createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex');
  const tensor = (name: string) =>
    ({ name, dtype: 'F32', shape: [1], byteLength: 4, storage: { kind: 'range', start: 0 } }) as const;
  return {
    ...emptyScan(path, text.length),
    role: weights ? 'weights' : path.endsWith('.json') ? 'side' : 'other',
    status: 'complete',
    ...(weights
      ? {
          format: path.endsWith('.gguf') ? ('gguf' as const) : ('safetensors' as const),
          tensors: [tensor('a'), tensor('b')],
        }
      : {}),
    digests: { sha256: sha256(text), md5: md5(text), 'git-blob-sha1': sha1 },
    tensorDigests: weights ? [sha256('a'), sha256('b')] : [],
    bytesRead: text.length,
    ...more,
  };
}

/** A container that was not read, or only at its head. */
export function unread(path: string, status: ArtifactScan['status'], more: Partial<SituationFile> = {}): SituationFile {
  return {
    ...file(path, 'x'.repeat(1000)),
    status,
    digests: {},
    tensorDigests: [],
    bytesRead: status === 'headers-only' ? 64 : 0,
    ...more,
  };
}

export interface Circumstances {
  readonly claims?: readonly Claim[];
  readonly extra?: readonly CheckDraft[];
  readonly sightings?: readonly Sighting[];
  readonly attestations?: readonly Attestation[];
  readonly models?: readonly ModelFolder[];
  readonly stopped?: boolean;
  readonly depth?: 'headers' | 'full';
  readonly origin?: Report['subject']['origin'];
  /** Changes checks before the report is built, as a walk through history does. */
  readonly alter?: (check: Check) => Check;
}

export function report(files: readonly SituationFile[], given: Circumstances = {}): Report {
  const {
    claims = [],
    extra = [],
    sightings = [],
    attestations = [],
    models = [],
    stopped = false,
    depth = 'full',
    origin = 'local',
    alter = (c) => c,
  } = given;
  const compared = compareClaims(claims, files).map(alter);
  const said = new Set(compared.filter((c) => c.reason !== undefined).map((c) => c.path));
  const roles = new Map(files.map((f) => [f.path, f.role]));
  const drafts: (CheckDraft & { id?: string })[] = [
    ...compared,
    ...extra,
    ...compareReads(files.filter((f) => !said.has(f.path))),
    ...selfChecks(files, roles),
    ...absences([...roles.keys()], claims, claims.length + extra.length > 0, false),
  ];
  return buildReport({
    tool: { name: 'assay', version: '0.1.0' },
    created: '2026-11-21T10:00:00.000Z',
    subject: { name: 'model', origin },
    depth,
    stopped,
    files,
    models,
    checks: drafts.map((draft, i) => ({ ...draft, id: draft.id ?? `extra/${i}` })),
    findings: [],
    sightings,
    attestations,
    database: null,
  });
}

/** What SHA256SUMS beside the files lists. */
export function sums(stated: Readonly<Record<string, string>>, source: Partial<Claim['source']> = {}): Claim {
  const statements = Object.entries(stated).map(([path, text]) => ({
    path,
    algorithm: 'sha256' as const,
    digest: sha256(text),
    scope: 'file' as const,
  }));
  return {
    source: { kind: 'sums', name: 'SHA256SUMS', independent: false, ...source },
    statements,
    exhaustive: false,
    skipped: [],
  };
}

/** A repository whose files are all in LFS. */
export function hub(stated: Readonly<Record<string, string>>, sameHost = false): Claim {
  const snapshot: HubSnapshot = {
    repo: 'org/name',
    commit: 'a1b2c3d'.padEnd(40, '0'),
    read: '2026-11-20T00:00:00.000Z',
    files: Object.entries(stated).map(([path, text]) => ({
      path,
      size: text.length,
      blobId: '0'.repeat(40),
      sha256: sha256(text),
    })),
  };
  return claimOfSnapshot(snapshot, sameHost);
}

export function sighting(path: string, text: string, more: Partial<Sighting> = {}): Sighting {
  return {
    path,
    sha256: sha256(text),
    repo: 'hf:org/name',
    file: 'model.Q4_K_M.gguf',
    revision: 'a1b2c3d'.padEnd(40, '0'),
    trust: 'pinned',
    moved: false,
    old: false,
    disputed: false,
    source: { name: 'mudler/LocalAI', url: 'https://github.com/mudler/LocalAI', license: 'MIT', read: '2026-11-20' },
    ...more,
  };
}

/** Report v1 from what was computed and compared. */
import type { Attestation } from '../claims/attestations/attestation.ts';
import type { Check } from '../claims/check.ts';
import type { Finding } from '../content/finding.ts';
import type { PickleImport } from '../content/pickle/import.ts';
import type { ErrorData } from '../errors.ts';
import type { MetaEntry, MetaValue } from '../formats/format.ts';
import type { ModelFolder } from '../formats/set/model-folders.ts';
import type { NotAModel } from '../formats/not-a-model.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import { axesOf } from './axes.ts';
import { countCoverage, coverageOf } from './covered.ts';
import {
  REPORT_FORMAT,
  REPORT_VERSION,
  type DatabaseInfo,
  type Report,
  type ReportArtifact,
  type ReportTensor,
  type Sighting,
} from './report.ts';
import { verdict } from './verdict.ts';

/** What was computed of one file; an `ArtifactScan` with its role is one. */
export interface ReportFile {
  readonly path: string;
  readonly size: number;
  readonly role: ReportArtifact['role'];
  readonly status: ReportArtifact['status'];
  readonly error?: ErrorData;
  readonly notAModel?: NotAModel;
  readonly format?: string;
  readonly formatError?: ErrorData;
  readonly facts: ReportArtifact['facts'];
  readonly metadata: readonly MetaEntry[];
  readonly findings: readonly Finding[];
  readonly imports?: readonly PickleImport[];
  readonly tensors: readonly TensorEntry[];
  readonly digests: ReportArtifact['digests'];
  readonly tensorDigests: readonly string[];
  readonly bytesRead: number;
  readonly seconds: number;
}

export interface ReportInput {
  readonly tool: Report['tool'];
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly subject: Omit<Report['subject'], 'files' | 'bytes'>;
  readonly depth: Report['depth'];
  readonly stopped: boolean;
  readonly files: readonly ReportFile[];
  /** What the folders are, as their configurations say. */
  readonly models?: readonly ModelFolder[];
  readonly checks: readonly Check[];
  /** About the model as a whole; those of the files are taken from them. */
  readonly findings: readonly Finding[];
  readonly sightings: readonly Sighting[];
  readonly attestations: readonly Attestation[];
  readonly database: DatabaseInfo | null;
  /** Wall time of the scans, when whoever ran them measured it. */
  readonly seconds?: number;
}

/** A pure function: the same input gives the same report, verdict and axes included. */
export function buildReport(input: ReportInput): Report {
  const { files } = input;
  // A sum of stated sizes may pass what a double holds exactly; no real model does.
  const sum = (of: (file: ReportFile) => number): number =>
    Math.min(
      files.reduce((total, file) => total + of(file), 0),
      Number.MAX_SAFE_INTEGER,
    );
  const facts = {
    subject: { ...input.subject, files: files.length, bytes: sum((f) => f.size) },
    depth: input.depth,
    stopped: input.stopped,
    read: { bytes: sum((f) => f.bytesRead), seconds: rounded(input.seconds ?? sum((f) => f.seconds)) },
    artifacts: files.map(artifactOf),
    ...(input.models === undefined || input.models.length === 0 ? {} : { models: input.models.map(modelOf) }),
    checks: input.checks,
    findings: [...files.flatMap((f) => f.findings), ...input.findings].map(findingOf),
    sightings: input.sightings,
  };
  const judged = verdict(facts);
  const coverage = countCoverage(coverageOf({ ...facts, attestations: input.attestations }));
  return {
    format: REPORT_FORMAT,
    version: REPORT_VERSION,
    tool: input.tool,
    created: input.created,
    ...facts,
    attestations: input.attestations,
    ...(coverage === null ? {} : { coverage }),
    database: input.database,
    axes: axesOf(facts, judged),
    verdict: judged,
  };
}

function artifactOf(file: ReportFile): ReportArtifact {
  const { path, size, role, status, error, notAModel, format, formatError, facts, metadata, imports, digests } = file;
  return {
    path,
    size,
    role,
    status,
    ...(error === undefined ? {} : { error }),
    ...(notAModel === undefined ? {} : { notAModel }),
    ...(format === undefined ? {} : { format }),
    ...(formatError === undefined ? {} : { formatError }),
    facts: jsonFacts(facts),
    metadata: metadata.map(({ key, type, value }) => ({ key, type, value: jsonValue(value) })),
    ...(imports === undefined ? {} : { imports }),
    digests,
    tensors: file.tensors.map((tensor, i) => tensorOf(tensor, file.tensorDigests[i])),
  };
}

function tensorOf({ name, dtype, shape, byteLength, storage }: TensorEntry, digest: string | undefined): ReportTensor {
  return {
    name,
    dtype,
    shape,
    ...(storage.kind === 'range' || storage.kind === 'external' ? { start: storage.start } : {}),
    ...(storage.kind === 'external' ? { file: storage.path } : {}),
    bytes: byteLength,
    ...(digest ? { digest } : {}),
  };
}

function modelOf(model: ModelFolder): ModelFolder {
  return { ...model, facts: jsonFacts(model.facts) };
}

function findingOf(finding: Finding): Finding {
  return { ...finding, detail: jsonFacts(finding.detail) };
}

/** JSON has no NaN and no infinity: they become their names, so that a report reads back as it was. */
function jsonFacts(facts: ReportArtifact['facts']): ReportArtifact['facts'] {
  const entries = Object.entries(facts).map(([key, value]) => [key, finite(value)] as const);
  return Object.fromEntries(entries);
}

function jsonValue(value: MetaValue): MetaValue {
  if (typeof value === 'number') return finite(value);
  if (typeof value !== 'object' || value === null || 'invalidUtf8' in value) return value;
  return { ...value, values: value.values.map(jsonValue) };
}

function finite<T>(value: T): T | string | number {
  if (typeof value !== 'number') return value;
  // JSON.stringify drops the sign of zero: dropped here, so that what is kept and what is saved are equal.
  return Number.isFinite(value) ? value + 0 : String(value);
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

import type { ByteSource } from '../../src/core/bytes/source.ts';

/** The folder under test, wherever the work happens. Paths are relative to it, `/`-separated. */
export interface CaseFiles {
  open(path: string): Promise<ByteSource>;
}

/** Computes one case. Runs in a worker of Node or of the browser; job and result are plain data. */
export type Compute = (job: unknown, files: CaseFiles) => Promise<unknown>;

/** What became of one job. `growth`: bytes by which the process grew at its peak, when that can be measured. */
export type JobOutcome =
  | { readonly ok: true; readonly value: unknown; readonly growth?: number }
  | { readonly ok: false; readonly why: string };

/** Runs jobs one after another. A job over its time is killed with its worker. */
export interface Engine {
  run(job: unknown, limitMs: number): Promise<JobOutcome>;
  close(): Promise<void>;
}

export interface KindRun {
  /** Absolute path of the folder. */
  readonly folder: string;
  /** Where paths start that the engine opens: `folder`, or what contains it. */
  readonly base: string;
  readonly engine: Engine;
  /** Formats (or whatever the kind tells apart) to look at; empty: all. */
  readonly only: readonly string[];
}

export interface KindResult {
  readonly agree: number;
  /** One line each. */
  readonly differ: readonly string[];
  /** Further lines, printed before the last one. */
  readonly remarks: readonly string[];
}

export interface Kind {
  /** The folder that paths of cases may reach, when it is not the one that was named. */
  base?(folder: string): string;
  run(options: KindRun): Promise<KindResult>;
}

interface KindEntry {
  readonly name: string;
  /** Finds cases, has them computed, only then reads what was expected, compares. */
  kind(): Promise<Kind>;
  /** The part that runs in the worker. */
  compute(): Promise<Compute>;
}

/** The kinds of golden folders, one line each. */
export const KINDS: readonly KindEntry[] = [
  {
    name: 'formats',
    kind: async () => (await import('./formats/kind.ts')).formats,
    compute: async () => (await import('./formats/compute.ts')).compute,
  },
  {
    name: 'mpk',
    kind: async () => (await import('./mpk/kind.ts')).mpk,
    compute: async () => (await import('./mpk/compute.ts')).compute,
  },
  {
    name: 'attestations',
    kind: async () => (await import('./attestations/kind.ts')).attestations,
    compute: async () => (await import('./attestations/compute.ts')).compute,
  },
];

/** @throws Error when there is no such kind */
export function kindEntry(name: string): KindEntry {
  const entry = KINDS.find((candidate) => candidate.name === name);
  if (entry === undefined)
    throw new Error(`no such kind: ${name}. Kinds: ${KINDS.map((kind) => kind.name).join(', ')}`);
  return entry;
}

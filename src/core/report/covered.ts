/** Which statements speak about each file, and with what weight: covered or not, per file. A pure function of a report. */
import type { CoveredFile } from '../claims/attestations/attestation.ts';
import type { Check } from '../claims/check.ts';
import { ROWS_LISTED_MAX } from '../limits.ts';
import { signerEstablished } from './attestation-axes.ts';
import { isSigned, listHolds, modelPath } from './attested.ts';
import type { Report, ReportArtifact } from './report.ts';

/** Whoever states something about files: an attestation, or a list of digests. */
export interface Speaker {
  /** `signed`: a signature whose signer is not established. `broken`: what it lists says nothing. */
  readonly weight: 'established' | 'signed' | 'recorded' | 'broken';
  /** Id of an attestation kind, or the kind of a source of digests: `oms`, `dvc`, `sums`, `hub` … */
  readonly kind: string;
  /** File it was read from, or name of the source. */
  readonly name: string;
  /** Place among the report's attestations; absent for lists. */
  readonly attestation?: number;
  readonly signer?: string;
}

/** `described`: spoken about without a digest. `extra`: it should be listed and is not. */
export type Said = 'same' | 'changed' | 'not-checked' | 'described' | 'extra' | 'ignored';

export interface Covering {
  /** Place among the speakers. */
  readonly speaker: number;
  readonly said: Said;
}

/** The strongest thing that holds of a file; one difference beats all. `unchecked`: named, and could not be compared. */
export const STANDINGS = ['differs', 'established', 'signed', 'recorded', 'unchecked', 'described', 'none'] as const;
export type CoverStanding = (typeof STANDINGS)[number];

export interface FileCover {
  readonly path: string;
  readonly role: ReportArtifact['role'];
  readonly by: readonly Covering[];
  readonly standing: CoverStanding;
}

export interface Coverage {
  readonly speakers: readonly Speaker[];
  /** In the order of the report's artifacts. */
  readonly files: readonly FileCover[];
}

type Covered = Pick<Report, 'artifacts' | 'checks' | 'attestations'>;

/** The worse first: a file of several shards is as its worst shard. */
const WORST: readonly Said[] = ['changed', 'not-checked', 'described', 'extra', 'ignored', 'same'];

export function coverageOf({ artifacts, checks, attestations = [] }: Covered): Coverage {
  const speakers: Speaker[] = [];
  const said = new Map<string, Map<number, Said>>(artifacts.map(({ path }) => [path, new Map()]));
  const add = (path: string, speaker: number, state: Said): void => {
    const of = said.get(path);
    const before = of?.get(speaker);
    if (before === undefined || WORST.indexOf(state) < WORST.indexOf(before)) of?.set(speaker, state);
  };
  attestations.forEach((one, attestation) => {
    const { kind, path: name, signer } = one;
    const weight = !listHolds(one)
      ? 'broken'
      : signerEstablished(one)
        ? 'established'
        : isSigned(one)
          ? 'signed'
          : 'recorded';
    const speaker = speakers.push({ weight, kind, name, attestation, ...(signer && { signer: signer.name }) }) - 1;
    for (const file of one.files) {
      const state = saidOf(file);
      const path = modelPath(name, file.path, (other) => said.has(other));
      // That it does not cover itself goes without saying.
      if (state !== null && !(state === 'ignored' && path === name)) add(path, speaker, state);
    }
  });
  const lists = new Map<string, number>();
  for (const check of checks.filter(isListed)) {
    const { kind, name } = check.source;
    const key = `${kind}\n${name}`;
    const speaker = lists.get(key) ?? speakers.push({ weight: 'recorded', kind, name }) - 1;
    lists.set(key, speaker);
    add(check.path!, speaker, LISTED[check.outcome]!);
  }
  const files = artifacts.map(({ path, role }): FileCover => {
    const by = [...said.get(path)!].map(([speaker, state]) => ({ speaker, said: state }));
    return { path, role, by, standing: standingOf(by, speakers) };
  });
  return { speakers, files };
}

const LISTED: Partial<Record<Check['outcome'], Said>> = {
  matches: 'same',
  contradicts: 'changed',
  'could-not-check': 'not-checked',
};

/** What lists of digests say about whole files; attestations are told from their own rows. */
function isListed({ kind, path, tensor, source, outcome }: Check): boolean {
  if (kind !== 'file-digest' || path === undefined || tensor !== undefined) return false;
  return outcome !== 'no-claim' && !source.kind.startsWith('attestation-') && source.kind !== 'none';
}

function saidOf({ state, expected }: CoveredFile): Said | null {
  if (state === 'missing') return null;
  return state === 'not-checked' && expected === undefined ? 'described' : state;
}

function standingOf(by: readonly Covering[], speakers: readonly Speaker[]): CoverStanding {
  const heard = by.filter(({ speaker }) => speakers[speaker]!.weight !== 'broken');
  const reached = new Set(
    heard.map(({ speaker, said }): CoverStanding => {
      if (said === 'same') return speakers[speaker]!.weight as CoverStanding;
      return said === 'changed'
        ? 'differs'
        : said === 'not-checked'
          ? 'unchecked'
          : said === 'described'
            ? said
            : 'none';
    }),
  );
  return STANDINGS.find((standing) => reached.has(standing)) ?? 'none';
}

/** Counted for programs that read reports. */
export interface CoverageCounts {
  /** What was counted: weights, or everything that states nothing itself when there are none. */
  readonly of: 'weights' | 'files';
  readonly total: number;
  readonly standings: Readonly<Record<CoverStanding, number>>;
  /** Paths that no statement covers; the first `ROWS_LISTED_MAX`. */
  readonly uncovered: readonly string[];
}

/** Null where nobody states anything about any file. */
export function countCoverage(coverage: Coverage): CoverageCounts | null {
  const files = countedFiles(coverage);
  if (coverage.speakers.length === 0 || files.length === 0) return null;
  const count = (standing: CoverStanding): number => files.filter((file) => file.standing === standing).length;
  return {
    of: files[0]!.role === 'weights' ? 'weights' : 'files',
    total: files.length,
    standings: Object.fromEntries(STANDINGS.map((one) => [one, count(one)])) as Record<CoverStanding, number>,
    uncovered: files.flatMap(({ path, standing }) => (standing === 'none' ? [path] : [])).slice(0, ROWS_LISTED_MAX),
  };
}

/** The files that the sentence about coverage counts: weights, or everything that states nothing itself. */
export function countedFiles({ files }: Coverage): readonly FileCover[] {
  const weights = files.filter(({ role }) => role === 'weights');
  return weights.length > 0 ? weights : files.filter(({ role }) => role !== 'claim');
}

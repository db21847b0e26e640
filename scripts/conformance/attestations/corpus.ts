/** How the cases of one corpus become jobs, and how an examined attestation is held against what a case expects. */
import { readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Attestation } from '../../../src/core/claims/attestations/attestation.ts';
import type { AttestationJob, CaseFile, Examined } from './compute.ts';

/** What every case has. The rest is the corpus's own. */
export interface Case {
  readonly id: string;
  readonly expect?: 'pass' | 'fail' | 'warn' | 'not_checked';
  readonly step?: string;
  readonly [key: string]: unknown;
}

export interface Corpus<C extends Case = Case> {
  /** As `cases.json` calls itself. */
  readonly name: string;
  /** Cases that stand elsewhere in its `cases.json`. */
  more?(document: Readonly<Record<string, unknown>>): readonly C[];
  /** Null: the case is not for this runner (an input, not a case). Must not look at `expect` or `step`. */
  job(one: C, files: CaseFolder): AttestationJob | null;
  /** Lines on which they differ. */
  compare(one: C, examined: Examined): readonly string[];
}

/** Paths in a case are relative to its `cases.json`; the engine opens paths from the base folder. */
export class CaseFolder {
  readonly #base: string;
  readonly #corpus: string;
  /** The whole `cases.json`: some facts stand beside the cases. */
  readonly document: Readonly<Record<string, unknown>>;

  constructor(base: string, corpus: string, document: Readonly<Record<string, unknown>>) {
    this.#base = base;
    this.#corpus = corpus;
    this.document = document;
  }

  /** Path from the base folder. */
  path(relative: string): string {
    return posix.normalize(posix.join(this.#corpus, relative));
  }

  /** One file under the path an attestation knows it by. */
  file(relative: string, as: string = posix.basename(relative)): CaseFile {
    const file = this.path(relative);
    return { path: as, file, size: statSync(join(this.#base, file)).size };
  }

  /** All files below a folder, or the one file it is, by their paths within it. */
  files(relative: string): readonly CaseFile[] {
    const top = join(this.#base, this.path(relative));
    if (!statSync(top).isDirectory()) return [this.file(relative)];
    return readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(top.length + 1))
      .sort()
      .map((path) => this.file(posix.join(relative, path), path));
  }
}

/** How a verdict of a corpus reads in our outcomes. */
export function verdictOf({ outcome, warnings }: Attestation): NonNullable<Case['expect']> {
  if (outcome === 'contradicts') return 'fail';
  if (outcome !== 'matches') return 'not_checked';
  return warnings.length > 0 ? 'warn' : 'pass';
}

export function failedStep({ steps }: Attestation): string | null {
  return steps.find(({ outcome }) => outcome === 'contradicts')?.id ?? null;
}

/** The one attestation, or a line that says why there is none. */
export function only(examined: Examined): Attestation | string {
  if (!examined.ok) return `could not be examined: ${examined.error.code} ${JSON.stringify(examined.error.detail)}`;
  if (examined.attestations.length !== 1) return `${examined.attestations.length} attestations instead of one`;
  return examined.attestations[0]!;
}

/**
 * The memory of signers for one run of `assay verify`.
 *
 * It is on by default, as ssh remembers hosts: a memory that has to be asked for is empty on the day it is needed. Only
 * models of the Hub have a publisher by themselves; for files of this machine nothing is read or kept unless `--publisher`
 * names one. A pipeline that must not depend on earlier runs says `--no-remember`, or names a file with `--signers`: that
 * file is read and nothing is written, so that the same command gives the same answer every time.
 */
import type { Expectations } from '../core/claims/attestations/kind.ts';
import { AppError } from '../core/errors.ts';
import { hubPublisher } from '../core/report/publisher.ts';
import type { Report } from '../core/report/report.ts';
import type { SignerFile } from '../core/report/signer-file.ts';
import { publisherKey, readPublisher, sighted, type Met } from '../core/report/signer-memory.ts';
import { comparedWithSigners, expectingRemembered, metIn } from '../core/report/signer-trust.ts';
import type { Plan } from '../core/scan/model.ts';
import { printable } from './progress-bar.ts';
import { readSigners, SignerStore, signersFile } from './signer-store.ts';

export interface MemoryOptions {
  /** Whose model it is; absent: the namespace of the repository, for models of the Hub. */
  readonly publisher?: string;
  /** A file to read from in place of what is kept; nothing is written. */
  readonly signers?: string;
  readonly remember: boolean;
}

export interface SignerMemory {
  readonly expect: Expectations;
  compared(report: Report): Report;
  /** After the report was printed. A memory that cannot be written is told, and is no reason to fail. */
  note(report: Report): Promise<void>;
}

/**
 * @returns null when signers are compared with nothing
 * @throws AppError USAGE, SOURCE_NOT_FOUND, ATTEST_MEMORY_FILE
 */
export async function openMemory(
  options: MemoryOptions,
  plan: Pick<Plan, 'origin'>,
  expect: Expectations,
  { env = process.env, endpoint }: { readonly env?: NodeJS.ProcessEnv; readonly endpoint?: string | undefined } = {},
): Promise<SignerMemory | null> {
  const publisher = publisherOf(options, plan, endpoint);
  if (publisher === null || (!options.remember && options.signers === undefined)) return null;
  const store = new SignerStore(signersFile(env), tell);
  const all = options.signers === undefined ? await store.read() : await readSigners(options.signers);
  const { signers, policies } = ofPublisher(all, publisher);
  const known = expectingRemembered(expect, signers, policies[0]);
  let met: readonly Met[] = [];
  return {
    expect: known,
    compared(report) {
      const found = comparedWithSigners(report, publisher, signers, known);
      met = found.met;
      return found.report;
    },
    async note(report) {
      if (options.signers !== undefined || !options.remember || !met.some(({ sound }) => sound)) return;
      const sighting = { publisher, met, subject: metIn(report), at: report.created };
      try {
        await store.change((before) =>
          withPublisher(before, publisher, (own) => ({ ...own, signers: sighted(own.signers, sighting) })),
        );
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        tell('Who signed could not be remembered: the folder for it cannot be written.');
      }
    },
  };
}

function publisherOf(
  { publisher }: MemoryOptions,
  { origin }: Pick<Plan, 'origin'>,
  endpoint: string | undefined,
): string | null {
  if (publisher === undefined) return origin.kind === 'hub' ? hubPublisher(origin.repo, endpoint) : null;
  const named = readPublisher(publisher);
  if (named === null) throw new AppError('USAGE', { problem: '--publisher takes a name.' });
  return named;
}

/** What is remembered of one publisher. */
export function ofPublisher({ signers, policies }: SignerFile, publisher: string): SignerFile {
  const mine = (one: { readonly publisher: string }): boolean =>
    publisherKey(one.publisher) === publisherKey(publisher);
  return { signers: signers.filter(mine), policies: policies.filter(mine) };
}

/** All of it, with what is remembered of one publisher changed. */
export function withPublisher(all: SignerFile, publisher: string, work: (own: SignerFile) => SignerFile): SignerFile {
  const own = ofPublisher(all, publisher);
  const after = work(own);
  return {
    signers: [...all.signers.filter((one) => !own.signers.includes(one)), ...after.signers],
    policies: [...all.policies.filter((one) => !own.policies.includes(one)), ...after.policies],
  };
}

export function tell(text: string): void {
  console.error(printable(`assay: ${text}`));
}

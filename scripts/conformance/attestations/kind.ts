/** Corpora of attestations: folders with a `cases.json`, or a folder of such folders. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Kind, KindResult, KindRun } from '../kinds.ts';
import type { Examined } from './compute.ts';
import { CORPORA } from './corpora.ts';
import { anyCorpus } from './corpora/any.ts';
import { CaseFolder, type Case } from './corpus.ts';

const LIMIT_MS = 30_000;

export const attestations: Kind = {
  // Cases name trust roots of a neighbouring folder.
  base: (folder) => (existsSync(join(folder, 'cases.json')) ? dirname(folder) : folder),

  async run({ folder, base, engine, only }: KindRun): Promise<KindResult> {
    let agree = 0;
    let slowest = 0;
    const differ: string[] = [];
    const unread: string[] = [];
    const inputs: string[] = [];
    for (const name of base === folder ? corpusFolders(folder) : [basename(folder)]) {
      const document = readCases(join(base, name));
      const { corpus: title, cases } = document;
      if (only.length > 0 && !only.includes(title)) continue;
      const corpus = CORPORA.find((one) => one.name === title) ?? anyCorpus;
      const before = agree + differ.length;
      const files = new CaseFolder(base, name, document);
      for (const one of [...cases, ...(corpus.more?.(document) ?? [])]) {
        const job = corpus.job(one, files);
        if (job === null) continue;
        const outcome = await engine.run(job, LIMIT_MS);
        const examined = outcome.ok ? (outcome.value as Examined) : null;
        if (examined?.ok) slowest = Math.max(slowest, examined.milliseconds);
        const lines = examined === null ? [String('why' in outcome ? outcome.why : '')] : corpus.compare(one, examined);
        if (lines.length === 0) agree++;
        else differ.push(`${title} ${one.id}: ${lines.join('; ')}`);
      }
      if (agree + differ.length > before || cases.length === 0) continue;
      // Trust roots and keys stand as cases without a verdict: other cases use them.
      const open = cases.some((one) => one.expect !== undefined);
      (open ? unread : inputs).push(`${title} (${cases.length})`);
    }
    const remarks = [`slowest case: ${Math.round(slowest)} ms`];
    if (inputs.length > 0) remarks.unshift(`without a verdict, used by other cases: ${inputs.join(', ')}`);
    if (unread.length > 0) remarks.unshift(`not covered: ${unread.join(', ')}`);
    return { agree, differ, remarks };
  },
};

function corpusFolders(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'cases.json')))
    .sort();
}

interface CasesFile {
  readonly corpus: string;
  readonly cases: readonly Case[];
  readonly [key: string]: unknown;
}

function readCases(folder: string): CasesFile {
  return JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as CasesFile;
}

/** `assay attestation`: one signature or record, step by step, with the files beside it. */
import { dirname, resolve } from 'node:path';
import { attestationSentence, STEP_WORDS, stepFound, trustWords, warningWords } from '../app/text/attestations.ts';
import { stateWords } from '../app/text/attestation-screen.ts';
import { completenessSentence, completenessTitle, TIER_WORDS } from '../app/text/completeness.ts';
import type { Attestation, CompletenessRow } from '../core/claims/attestations/attestation.ts';
import { AppError } from '../core/errors.ts';
import { attest } from '../core/scan/attest.ts';
import type { PlannedArtifact } from '../core/scan/model.ts';
import { explain } from '../app/text/errors.ts';
import type { Options } from './args.ts';
import type { ExitStatus } from './exit-status.ts';
import { readExpectations } from './expectations.ts';
import { hubSettings, readIntake } from './intake.ts';
import { machine } from './machine.ts';
import { nodeHashes } from './node-hash.ts';
import { printable } from './progress-bar.ts';

const MARK = { contradicts: '✕', matches: '✓', 'could-not-check': '?', 'no-claim': '–' } as const;
const FILES_SHOWN = 50;

/** @returns exit status: 0 it holds, 1 something contradicts, 2 something is not established */
export async function attestation(options: Options, signal: AbortSignal): Promise<ExitStatus> {
  const intake = await readIntake(dirname(resolve(options.target)), hubSettings({}));
  if (intake.kind !== 'local') throw new AppError('USAGE', { problem: 'Name the file of a signature or record.' });
  const name = resolve(options.target).slice(dirname(resolve(options.target)).length + 1);
  const artifacts = intake.files.map(({ path, size, spec }): PlannedArtifact => {
    return { path, size, spec, role: 'other', algorithms: [], tensorAlgorithms: [] };
  });
  if (!artifacts.some(({ path }) => path === name)) throw new AppError('SOURCE_NOT_FOUND', { path: options.target });
  const expect = await readExpectations(options.trust);
  const now = new Date().toISOString();
  const input = { artifacts, scans: new Map(), depth: 'full', expect, now, only: name } as const;
  const { attestations, checks } = await attest(input, { ...machine(options.offline), hashes: nodeHashes() }, signal);
  if (options.json) console.log(JSON.stringify(attestations, null, 2));
  else console.log(attestations.flatMap(lines).map(printable).join('\n'));
  for (const { reason } of checks) {
    const words = reason && explain(reason);
    if (words) console.error(printable(`${words.title}. ${words.why} ${words.next}`));
  }
  const outcomes = new Set(attestations.map(({ outcome }) => outcome));
  if (outcomes.has('contradicts')) return 1;
  return outcomes.size === 1 && outcomes.has('matches') ? 0 : 2;
}

function lines(one: Attestation): string[] {
  const out = [`${MARK[one.outcome]} ${attestationSentence(one)}`, ''];
  for (const step of one.steps) {
    out.push(`  ${MARK[step.outcome]} ${STEP_WORDS[step.id].title}: ${stepFound(step)}`);
    if (step.trust !== undefined) out.push(`      relied on: ${trustWords(step.trust)}`);
  }
  for (const { code } of one.warnings) out.push(`  ! ${warningWords(code)}`);
  if (one.files.length > 0) out.push('', `Files (${one.files.length})`);
  for (const { path, state, range } of one.files.slice(0, FILES_SHOWN))
    out.push(
      `  ${stateWords(state, one).padEnd(12)} ${path}${range === undefined ? '' : ` bytes ${range[0]} to ${range[1]}`}`,
    );
  if (one.files.length > FILES_SHOWN) out.push(`  and ${one.files.length - FILES_SHOWN} more (--json shows all)`);
  if (one.completeness !== undefined) out.push('', ...said(one.completeness));
  return out;
}

/** What a bill says at all, and by name only what it does not. */
function said(rows: readonly CompletenessRow[]): string[] {
  const out = [completenessSentence(rows)];
  for (const tier of ['critical', 'important'] as const) {
    const titles = rows.filter((row) => row.tier === tier && !row.present).map(completenessTitle);
    if (titles.length > 0) out.push(`  not said, ${TIER_WORDS[tier].toLowerCase()}: ${titles.join('; ')}`);
  }
  return out;
}

/** `assay checkpoints`: a sequence of checkpoints, from the files alone. */
import { readFile, stat } from 'node:fs/promises';
import { attestationSentence, STEP_WORDS, stepFound, warningWords } from '../app/text/attestations.ts';
import {
  CHECK_WORDS,
  checkFound,
  checkpointsSentence,
  FORGEABLE,
  orderWords,
  shortCosine,
  shortNumber,
} from '../app/text/checkpoints.ts';
import { explain } from '../app/text/errors.ts';
import type { SequenceCheck } from '../core/checkpoints/check.ts';
import { AppError } from '../core/errors.ts';
import { loadKernels } from '../core/kernels/wasm.ts';
import type { CheckpointsResult } from '../core/report/checkpoints.ts';
import { checkCheckpoints } from '../core/scan/checkpoints.ts';
import { planCheckpoints } from '../core/scan/checkpoints-plan.ts';
import type { Options } from './args.ts';
import { readExpectations } from './expectations.ts';
import { hubSettings, readIntake } from './intake.ts';
import { machine } from './machine.ts';
import { nodeHashes } from './node-hash.ts';
import { createProgressBar, printable } from './progress-bar.ts';
import { quietContext } from './session.ts';

const MARK = { contradicts: '✕', matches: '✓', 'could-not-check': '?', 'no-claim': '–' } as const;
/** As shells expect of a program that was stopped. */
const STOPPED = 130;
/** A recipe with a rate for each of 100,000 steps has 2 MB. */
const RECIPE_MAX = 16 * 1024 * 1024;

/**
 * @returns exit status: 1 something contradicts; 2 something is flagged, or a checkpoint could not be read; 0 neither.
 *   Checks that lack a statement, or need data or training, do not count.
 */
export async function checkpoints(options: Options, signal: AbortSignal): Promise<number> {
  const targets = [options.target, ...(options.others ?? [])];
  const hub = hubSettings(process.env);
  const intakes = await Promise.all(targets.map((target) => readIntake(target, hub)));
  if (options.offline && intakes.some(({ kind }) => kind !== 'local'))
    throw new AppError('SOURCE_OFFLINE', { url: targets[0]! });
  const recipe = options.recipe === undefined ? null : await readRecipe(options.recipe);
  const tools = { ...machine(options.offline), hashes: nodeHashes(), kernels: loadKernels };
  const order = options.order === undefined ? {} : { order: options.order };
  const plan = await planCheckpoints({ intakes, ...order }, tools, quietContext(signal));
  const bar = createProgressBar(process.stderr);
  const expect = await readExpectations(options.trust);
  const found = await checkCheckpoints({ plan, recipe, expect, now: new Date().toISOString() }, tools, {
    signal,
    progress: ({ done, total, path }) => bar.update(done, total ?? done, path ?? ''),
    network() {},
  }).finally(() => bar.clear());
  console.log(options.json ? JSON.stringify(found, null, 2) : lines(found).map(printable).join('\n'));
  return exitStatusOf(found);
}

export function exitStatusOf({
  checks,
  stopped,
  unread,
}: Pick<CheckpointsResult, 'checks' | 'stopped' | 'unread'>): number {
  if (checks.some(({ outcome }) => outcome === 'contradicts')) return 1;
  if (stopped) return STOPPED;
  return unread.length > 0 || checks.some(({ flags }) => flags.length > 0) ? 2 : 0;
}

async function readRecipe(path: string): Promise<string> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) throw new AppError('SOURCE_NOT_FOUND', { path });
  if (info.size > RECIPE_MAX) throw new AppError('SOURCE_TOO_LARGE', { path, size: info.size, most: RECIPE_MAX });
  return readFile(path, 'utf8');
}

function lines(found: CheckpointsResult): string[] {
  const out = [checkpointsSentence(found), orderWords(found), '', ...table(found)];
  if (found.pathRatio !== null) out.push('', `First to last ÷ way gone: ${shortNumber(found.pathRatio)}`);
  out.push('');
  for (const check of found.checks) {
    const [first = '', ...more] = checkFound(check);
    out.push(`${markOf(check)} ${CHECK_WORDS[check.id].title}: ${first}`, ...more.map((text) => `    ${text}`));
  }
  for (const chain of found.chains) {
    out.push('', `${MARK[chain.outcome]} ${attestationSentence(chain)}`);
    for (const step of chain.steps)
      out.push(`    ${MARK[step.outcome]} ${STEP_WORDS[step.id].title}: ${stepFound(step)}`);
    for (const { code } of chain.warnings) out.push(`    ! ${warningWords(code)}`);
  }
  for (const { name, reason } of found.unread.slice(0, 20)) {
    const words = explain(reason);
    out.push(`? ${name}: ${words.title}. ${words.why}`);
  }
  out.push('', FORGEABLE);
  return out;
}

/** `!` where something is unusual beside an outcome that holds. */
function markOf({ outcome, flags }: SequenceCheck): string {
  return flags.length > 0 ? '!' : MARK[outcome];
}

/** One line for each checkpoint, with the segment that leads to it. */
function table({ checkpoints: rows, segments }: CheckpointsResult): string[] {
  const head = ['checkpoint', 'step', 'L2', 'relative', 'L∞', 'cos to next', 'z', 'to end'];
  const body = rows.map(({ name, step, toEnd }, i) => {
    const segment = segments[i - 1];
    const number = (value: number | null | undefined): string =>
      value === null || value === undefined ? '–' : shortNumber(value);
    return [
      name.length > 40 ? `…${name.slice(-39)}` : name,
      step === null ? '–' : String(step),
      number(segment?.l2),
      number(segment?.relative),
      number(segment?.linf),
      shortCosine(segment?.cosineToNext ?? null),
      number(segment?.score),
      number(toEnd),
    ];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]!.length)));
  return [head, ...body].map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

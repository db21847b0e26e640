/** `assay verify`: plan, one read, report, exit status. */
import { silentContext } from '../core/progress.ts';
import { conclude } from '../core/scan/conclude.ts';
import type { Options } from './args.ts';
import { withChecks } from '../core/report/with-checks.ts';
import { exitStatus } from './exit-status.ts';
import { readExpectations } from './expectations.ts';
import { hubSettings, readAgainst } from './intake.ts';
import { databaseFiles, machine } from './machine.ts';
import { printReport } from './print-report.ts';
import { nodeHashes } from './node-hash.ts';
import { noteSequence, rememberedAs, seenFile, seenSequence } from './seen-databases.ts';
import { openMemory } from './signer-memory.ts';
import { otherModel, sameWeights } from './same-weights.ts';
import { planTarget, scanPlan } from './session.ts';

/** @returns exit status, see `exit-status.ts` */
export async function verify(options: Options, signal: AbortSignal): Promise<number> {
  const hub = hubSettings(process.env);
  const database = databaseFiles(options.db, options.offline);
  const against = await Promise.all(options.against.map((text) => readAgainst(text, hub)));
  const expect = await readExpectations(options.trust);
  const plan = await planTarget(options, 'full', signal);
  const memory = await openMemory(options, plan, expect, hub);
  const other = await otherModel(options, signal);
  const started = performance.now();
  const scans = await scanPlan(plan, signal);
  // After Ctrl+C the report is still made, of what was finished; it must not be stopped by the same signal.
  const stopped = signal.aborted;
  const offline = options.offline || stopped;
  const seconds = (performance.now() - started) / 1000;
  const now = new Date().toISOString();
  const place = database === null ? null : 'local';
  const address = rememberedAs(options.db);
  const record = seenFile(process.env);
  const databaseSeen = address === null ? null : await seenSequence(record, address);
  const seen = databaseSeen === null ? {} : { databaseSeen };
  const request = {
    plan,
    against,
    scans,
    database: place,
    ...seen,
    offline,
    stopped,
    now,
    seconds,
    expect: memory?.expect ?? expect,
  };
  const tools = { ...machine(offline), hashes: nodeHashes(), ...(database ? { databaseFiles: () => database } : {}) };
  let report = await conclude(request, tools, silentContext());
  if (other !== null && !stopped) report = withChecks(report, [await sameWeights(plan, other, offline, signal)]);
  if (memory !== null && !stopped) report = memory.compared(report);
  const sequence = report.database?.sequence;
  if (address !== null && sequence !== undefined) await noteSequence(record, address, sequence);
  console.log(options.json ? JSON.stringify(report, null, 2) : printReport(report));
  await memory?.note(report);
  return exitStatus(report);
}

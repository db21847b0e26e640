/** For tests: files in memory through plan, scan and conclusion with the real readers. */
import { openSource } from '../bytes/open.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { silentContext } from '../progress.ts';
import { groupChecks } from '../report/groups.ts';
import type { Report } from '../report/report.ts';
import { statement } from '../report/words/statement.ts';
import { scanArtifact } from './artifact.ts';
import { conclude } from './conclude.ts';
import type { ArtifactScan, Depth, LocalFile } from './model.ts';
import { makePlan } from './plan.ts';

export type Files = Readonly<Record<string, Uint8Array | string>>;

export function localFiles(files: Files): LocalFile[] {
  return Object.entries(files).map(([path, content]) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return { path, size: bytes.length, spec: { kind: 'bytes', name: path, bytes } };
  });
}

/** Nothing to compare with, no network, no database. */
export async function reportOn(files: Files, depth: Depth = 'full'): Promise<Report> {
  const ctx = silentContext();
  const intake = { kind: 'local', name: 'model', files: localFiles(files) } as const;
  const plan = await makePlan({ intake, against: [], depth }, {}, ctx);
  const scans: ArtifactScan[] = [];
  for (const artifact of plan.artifacts) {
    const source = await openSource(artifact.spec, {}, ctx.signal);
    scans.push(await scanArtifact(source, artifact, depth, { hashes: wasmHashes() }, ctx));
  }
  const now = '2026-11-21T10:00:00.000Z';
  return conclude({ plan, against: [], scans, database: null, offline: true, stopped: false, now }, {}, ctx);
}

/** Checks of one axis in words: `matches: …`. */
export function saidOf({ checks, artifacts }: Report, axis = 'contents'): string[] {
  const { contradicted, verified, unchecked } = groupChecks({ checks, artifacts });
  return [...contradicted, ...verified, ...unchecked]
    .filter((check) => check.axis === axis)
    .map((check) => `${check.outcome}: ${statement(check).text}`);
}

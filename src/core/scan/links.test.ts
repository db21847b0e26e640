import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFile } from '../../cli/fs-source.ts';
import { readIntake } from '../../cli/intake.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { silentContext } from '../progress.ts';
import { openSource, type OpenContext } from '../bytes/open.ts';
import type { Report } from '../report/report.ts';
import { scanArtifact } from './artifact.ts';
import { conclude } from './conclude.ts';
import { mergeBlobs } from './links.ts';
import type { Intake } from './model.ts';
import { makePlan } from './plan.ts';
import { saidOf } from './whole-way.suite.ts';

const COMMIT = 'c'.repeat(40);
const tools: OpenContext = {
  openPath: (name, path, signal) => openFile({ name, path, followLinks: true }, signal),
};

describe('a cache of Hugging Face with blobs and links to them', () => {
  let root: string;
  const weights = new Uint8Array(1000).fill(7);
  const etag = createHash('sha256').update(weights).digest('hex');
  beforeAll(() => {
    root = join(mkdtempSync(join(tmpdir(), 'assay-links-')), 'models--org--name');
    mkdirSync(join(root, 'blobs'), { recursive: true });
    mkdirSync(join(root, 'snapshots', COMMIT), { recursive: true });
    writeFileSync(join(root, 'blobs', etag), weights);
    symlinkSync(join('../../blobs', etag), join(root, 'snapshots', COMMIT, 'model.bin'));
    writeFileSync(join(root, '..', 'outside'), 'x');
    symlinkSync(join(root, '..', 'outside'), join(root, 'snapshots', COMMIT, 'outside.txt'));
  });
  afterAll(() => rmSync(join(root, '..'), { recursive: true }));

  async function report(intake: Intake): Promise<{ readonly report: Report; readonly read: number }> {
    const ctx = silentContext();
    const plan = await makePlan({ intake, against: [], depth: 'full' }, tools, ctx);
    const scans = await Promise.all(
      plan.artifacts.map(async (artifact) =>
        scanArtifact(
          await openSource(artifact.spec, tools, ctx.signal),
          artifact,
          'full',
          { hashes: wasmHashes() },
          ctx,
        ),
      ),
    );
    const read = scans.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    const request = { plan, against: [], scans, database: null, offline: true, stopped: false };
    return { report: await conclude({ ...request, now: '2026-11-21T10:00:00Z' }, tools, ctx), read };
  }

  it('is read once per file, under the name of the snapshot, and still compared with the name of its blob', async () => {
    const intake = await readIntake(root, {});
    if (intake.kind !== 'local') throw new Error('a folder');
    const files = intake.files.filter(({ path }) => !path.endsWith('outside.txt'));
    const { report: made, read } = await report({ ...intake, files });
    expect(made.artifacts.map(({ path }) => path)).toEqual([`snapshots/${COMMIT}/model.bin`]);
    expect(read).toBe(weights.length);
    expect(saidOf(made, 'bytes')).toContain(
      `matches: snapshots/${COMMIT}/model.bin has the SHA-256 that the Hugging Face cache states.`,
    );
  });

  it('knows links by where they lead, inside the folder only', async () => {
    const intake = await readIntake(root, {});
    const links = intake.kind === 'local' ? intake.files.map(({ path, linkTo }) => [path, linkTo]) : [];
    expect(links).toEqual([
      [`blobs/${etag}`, undefined],
      [`snapshots/${COMMIT}/model.bin`, `blobs/${etag}`],
      [`snapshots/${COMMIT}/outside.txt`, undefined],
    ]);
  });
});

describe('links', () => {
  const file = (path: string, linkTo?: string) => ({
    path,
    size: 1,
    spec: { kind: 'bytes', name: path, bytes: new Uint8Array(1) } as const,
    ...(linkTo === undefined ? {} : { linkTo }),
  });
  const blob = `blobs/${'a'.repeat(64)}`;

  it('between files with names of their own stay two files: an index may name either', () => {
    expect(mergeBlobs([file('a.bin'), file('b.bin', 'a.bin')]).map(({ path }) => path)).toEqual(['a.bin', 'b.bin']);
  });

  it('of two commits to one blob stay both, and the first one stands for the blob', () => {
    const merged = mergeBlobs([file(blob), file('snapshots/1/m', blob), file('snapshots/2/m', blob)]);
    expect(merged.map(({ path, aliases }) => [path, aliases])).toEqual([
      ['snapshots/1/m', [blob]],
      ['snapshots/2/m', undefined],
    ]);
  });
});

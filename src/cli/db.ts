/** `assay db import-mpk`: a database of the Model Provenance Kit as a folder that `assay scan --db` reads. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { openHttp } from '../core/bytes/http.ts';
import type { ByteSource } from '../core/bytes/source.ts';
import { KIT_MANIFEST, KIT_MANIFEST_MAX, readCatalogue, readKitFolder } from '../core/db/catalogue.ts';
import { DEEP_MAX, parquetIn, zipFiles } from '../core/db/deep-files.ts';
import { importKit, type KitSource } from '../core/db/import-mpk.ts';
import { openDatabase, type DatabaseFiles } from '../core/db/lookup.ts';
import { MANIFEST } from '../core/db/manifest.ts';
import { AppError } from '../core/errors.ts';
import type { Options } from './args.ts';
import { openFile } from './fs-source.ts';
import { databaseFiles, folderDatabase, machine } from './machine.ts';
import { createProgressBar, printable } from './progress-bar.ts';

const DEFAULT_OUT = 'assay-db';
/** Models named one by one. */
const SHOWN = 10;
/** Where a folder of the Kit may keep its zip instead of the files in it. */
const ZIPS = ['deep-signals.zip', 'features/deep-signals.zip'];

export async function db(options: Options, signal: AbortSignal): Promise<number> {
  const out = resolve(options.out ?? DEFAULT_OUT);
  await refuseForeign(out);
  const bar = createProgressBar(process.stderr);
  // Beside its place, so that it gets there in one step: a run that fails leaves what was there.
  await mkdir(dirname(out), { recursive: true });
  const making = await mkdtemp(`${out}.new-`);
  try {
    const imported = await importKit(await kitSource(options, signal), {
      sha256,
      signal,
      progress: (done, total, path) => bar.update(done, total, path),
      async put(path, bytes) {
        await mkdir(dirname(join(making, path)), { recursive: true });
        await writeFile(join(making, path), bytes);
      },
    });
    const before = await manifestOf(out);
    const now = await readFile(join(making, MANIFEST));
    await rm(out, { recursive: true, force: true });
    await rename(making, out);
    bar.clear();
    const { models, withSignals, without } = imported;
    const same = before !== null && now.equals(before);
    if (options.json) console.log(JSON.stringify({ out, ...imported, unchanged: same }, null, 2));
    else {
      console.log(
        printable(`${models} models, ${withSignals} with weight signals, in ${out}${same ? ' (as before)' : ''}`),
      );
      if (without.length > 0) console.log(printable(absent(without)));
      console.log(printable(`Search it with: assay scan <model> --db ${out}`));
    }
    return 0;
  } finally {
    bar.clear();
    await rm(making, { recursive: true, force: true });
  }
}

function absent(models: readonly string[]): string {
  const more = models.length > SHOWN ? ` and ${models.length - SHOWN} more` : '';
  return `Not there: the weight signals of ${models.slice(0, SHOWN).join(', ')}${more}`;
}

/** A folder of the Kit; a zip of one; or the zip of its Parquet files, for the catalogue that came with this program. */
async function kitSource({ target, db: where, offline }: Options, signal: AbortSignal): Promise<KitSource> {
  const name = target.split(/[\\/]/).findLast((step) => step !== '') ?? target;
  if (/^https?:/.test(target) || !existsSync(join(resolve(target), KIT_MANIFEST))) {
    const files = await zipFiles(await openZipFile(target, offline, signal), signal);
    const own = (await files.get(KIT_MANIFEST, KIT_MANIFEST_MAX, signal)) !== null;
    const catalogue = own ? await readKitFolder(files, signal, true) : await ownCatalogue(where, offline, signal);
    return { name, catalogue, parquet: (path) => parquetIn(files, path, signal) };
  }
  const files = folderDatabase(resolve(target));
  const zip = ZIPS.map((path) => join(resolve(target), path)).find((path) => existsSync(path));
  const packed = zip === undefined ? null : await zipFiles(await openZipFile(zip, offline, signal), signal);
  const parquet = async (path: string): Promise<Uint8Array | null> =>
    (await files.get(path, DEEP_MAX, signal)) ?? (packed === null ? null : await parquetIn(packed, path, signal));
  return { name, catalogue: await readKitFolder(files, signal, true), parquet };
}

async function openZipFile(target: string, offline: boolean, signal: AbortSignal): Promise<ByteSource> {
  const name = target.split(/[\\/]/).at(-1) ?? 'deep-signals.zip';
  if (/^https?:/.test(target)) return openHttp({ name, url: target }, machine(offline).http!, signal);
  return openFile({ name, path: resolve(target), followLinks: true }, signal);
}

async function ownCatalogue(where: string | undefined, offline: boolean, signal: AbortSignal) {
  const files: DatabaseFiles | null = databaseFiles(where, offline);
  if (files === null) throw new AppError('USAGE', { problem: 'This zip has no catalogue, and --db none leaves none.' });
  const { manifest } = await openDatabase({ files, sha256 }, signal);
  return readCatalogue(manifest, files, sha256, signal);
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return createHash('sha256').update(bytes).digest();
}

/** The folder is replaced: only one that such a run made, or an empty one. @throws AppError USAGE */
async function refuseForeign(out: string): Promise<void> {
  const names = await readdir(out).catch(() => []);
  if (names.length === 0 || (await manifestOf(out)) !== null) return;
  throw new AppError('USAGE', { problem: `${out} holds something else; --out names a folder that may be replaced.` });
}

async function manifestOf(out: string): Promise<Buffer | null> {
  const bytes = await readFile(join(out, MANIFEST)).catch(() => null);
  return bytes?.includes('"tool":"assay db import-mpk"') === true ? bytes : null;
}

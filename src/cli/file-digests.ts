/**
 * SHA-256 of files, remembered by what shows that nobody has written to them since: device, inode, size, and the times
 * of the last write and of the last change to the inode, in nanoseconds. The latter (`ctime`) is set by the system on
 * every write, rename and change of times, and no call sets it back; so a file that was edited and given its old time
 * again is hashed again, and so is one that was moved: it then hits by its digest.
 *
 * A write within the same tick of the clock as the one before would not show. As git does for its index ("racy git"),
 * a digest is remembered only when the file had been left alone for a while before it was read. Where a file system
 * keeps no such times (some network shares), the size of its ticks or a wrong clock can defeat this: `--no-cache`.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { ByteSource } from '../core/bytes/source.ts';
import { throwIfAborted } from '../core/errors.ts';
import { sha256Hex } from '../core/formats/sha256.ts';
import type { PlannedArtifact } from '../core/scan/model.ts';
import { readEntry, writeEntry, type FeatureStore } from '../core/signals/cache.ts';

/** The coarsest clock of a common file system: FAT counts two seconds. */
const LEFT_ALONE_MS = 3000;
/** A commit of the Hub: what is behind such an address cannot change. */
const PINNED = /\/resolve\/[0-9a-f]{40}\//;

/**
 * What names the content of a file, for the cache of signals. Null for what is fetched from an address that may answer
 * differently tomorrow: hashing it would take the whole download.
 *
 * @param give takes back memory that was read into
 * @throws AppError SOURCE_*
 */
export async function contentOfFile(
  store: FeatureStore,
  { spec }: PlannedArtifact,
  source: ByteSource,
  signal: AbortSignal,
  give?: (chunk: Uint8Array) => void,
): Promise<string | null> {
  if (spec.kind === 'http') return PINNED.test(spec.url) ? `url:${source.size}:${spec.url}` : null;
  if (spec.kind !== 'path') return `sha256:${await sha256Of(source, signal, give)}`;
  const before = await identityOf(spec.path);
  const known = before === null ? null : await readEntry(store, before.key);
  if (typeof known === 'string' && /^[0-9a-f]{64}$/.test(known)) return `sha256:${known}`;
  const started = Date.now();
  const digest = await sha256Of(source, signal, give);
  const after = await identityOf(spec.path);
  const still = before !== null && before.key === after?.key && started - before.changed >= LEFT_ALONE_MS;
  if (still) await writeEntry(store, before.key, digest);
  return `sha256:${digest}`;
}

async function identityOf(path: string): Promise<{ readonly key: string; readonly changed: number } | null> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  if (info === null || !info.isFile()) return null;
  const { dev, ino, size, mtimeNs, ctimeNs } = info;
  const text = ['identity', dev, ino, size, mtimeNs, ctimeNs].join(' ');
  const key = `i-${await sha256Hex(new TextEncoder().encode(text))}`;
  return { key, changed: Number((ctimeNs > mtimeNs ? ctimeNs : mtimeNs) / 1_000_000n) };
}

async function sha256Of(
  source: ByteSource,
  signal: AbortSignal,
  give: ((chunk: Uint8Array) => void) | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of source.stream(0, source.size, signal)) {
    throwIfAborted(signal);
    hash.update(chunk);
    give?.(chunk);
  }
  return hash.digest('hex');
}

/**
 * Kept signals of models: what an entry is called, what is in it, and when it may be believed.
 *
 * **What makes a hit honest.** An entry is named by the SHA-256 of everything that extraction can depend on: the content
 * of every file that it opened, the names and sizes of all files it could have opened instead, the version of the
 * signals, the version of this program and the path that was forced, if one was. (Which path MPK takes by itself follows
 * from the configuration and the sizes.) The digests come from whoever opens the files: computed in the same run from
 * the same opened sources, or remembered for a file that shows by its identity that nobody has written to it since
 * (`src/cli/file-digests.ts`). Name and size of a file alone never make a hit.
 *
 * **Renamed and moved.** The name of the model and where it lies are in no key. The name of a weight file is not either,
 * where it is the only one and no name that loaders look for; with several, names decide which are read.
 *
 * **Integrity.** Every entry carries its own name and the SHA-256 of all of it; one that fails is dropped. This finds
 * accidents, not a person who can write to the cache: such a person could as well replace the program.
 */
import { AppError } from '../errors.ts';
import { FEATURE_ENTRY_MAX } from '../limits.ts';
import { sha256Hex } from '../formats/sha256.ts';
import { pack, unpack } from './cache-pack.ts';
import type { ModelSignals } from './mpk/model.ts';

/** To be raised whenever the same bytes give other signals, or more of them. A test holds it against known signals. */
export const FEATURES_VERSION = 1;

/** Where entries are kept: IndexedDB, a folder. Keys are lower-case hex with a prefix. */
export interface FeatureStore {
  /** Null when there is no such entry. A store that fails is a miss: nothing here may end a run. */
  get(key: string): Promise<Uint8Array | null>;
  put(key: string, entry: Uint8Array): Promise<void>;
  remove(key: string): Promise<void>;
}

/** Names and sizes of the files that extraction could open, and what else decides without being opened. */
export interface Listing {
  readonly files: readonly { readonly name: string; readonly size: number }[];
  /** Of this program. */
  readonly tool: string;
  /** A path that was forced; null: the one MPK takes. */
  readonly force: string | null;
}

export function listingKey({ files, tool, force }: Listing): Promise<string> {
  const sorted = files.map(({ name, size }) => [name, size] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return named('l', ['listing', FEATURES_VERSION, tool, force, sorted]);
}

/** @param contents name and content of every file that was opened: `sha256:…`, or an address that names its content */
export function featuresKey(
  listing: string,
  contents: readonly { readonly name: string; readonly content: string }[],
): Promise<string> {
  const sorted = contents.map(({ name, content }) => [name, content] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  return named('f', ['features', FEATURES_VERSION, listing, sorted]);
}

async function named(prefix: string, value: unknown): Promise<string> {
  return `${prefix}-${await sha256Hex(new TextEncoder().encode(JSON.stringify(value)))}`;
}

/** Reads an entry. Null when there is none; a broken one, or one under another's name, is dropped and null as well. */
export async function readEntry(store: FeatureStore, key: string): Promise<unknown> {
  const bytes = await store.get(key).catch(() => null);
  if (bytes === null) return null;
  try {
    return await open(key, bytes);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    await store.remove(key).catch(() => undefined);
    return null;
  }
}

/** Keeps an entry, as well as the store can. */
export async function writeEntry(store: FeatureStore, key: string, value: unknown): Promise<void> {
  const bytes = await seal(key, value);
  if (bytes.length <= FEATURE_ENTRY_MAX) await store.put(key, bytes).catch(() => undefined);
}

const MAGIC = 'assay-features 1\n';
const DIGEST = 64;

async function seal(key: string, value: unknown): Promise<Uint8Array> {
  const body = pack([key, value]);
  const head = new TextEncoder().encode(`${MAGIC}${await sha256Hex(body)}\n`);
  const out = new Uint8Array(head.length + body.length);
  out.set(head);
  out.set(body, head.length);
  return out;
}

/** @throws AppError FORMAT_* when it is not what was sealed under this key */
async function open(key: string, bytes: Uint8Array): Promise<unknown> {
  const body = bytes.subarray(MAGIC.length + DIGEST + 1);
  const head = new TextDecoder().decode(bytes.subarray(0, MAGIC.length + DIGEST));
  if (!head.startsWith(MAGIC)) throw new AppError('FORMAT_MAGIC', { name: key });
  if (head.slice(MAGIC.length) !== (await sha256Hex(body))) throw new AppError('FORMAT_CHECKSUM', { name: key });
  const sealed = unpack(body);
  if (!Array.isArray(sealed) || sealed[0] !== key) throw new AppError('FORMAT_HEADER', { name: key });
  return sealed[1] as unknown;
}

/** Signals as they were kept; null when the entry holds none. Its digest was checked: what is in it is what was put in. */
export function keptSignals(value: unknown): ModelSignals | null {
  return typeof value === 'object' && value !== null && 'fingerprint' in value && 'missing' in value
    ? (value as ModelSignals)
    : null;
}

/** What signatures are checked with on this machine: Sigstore's renewed trust root, and what a person added. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fromBase64, toBase64 } from '../core/bytes/base64.ts';
import { keptItem, keptTrust, type KeptItem } from '../core/claims/attestations/kept-item.ts';
import type { KeptTrust } from '../core/claims/attestations/kind.ts';
import { readUpdatedRoot, type UpdatedRoot } from '../core/claims/attestations/sigstore/public-root.ts';
import { AppError } from '../core/errors.ts';
import { KEPT_TRUST_MAX } from '../core/limits.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Beside the record of databases that were seen: the XDG state folder, or what the system has in its place. */
export function trustFolder(env: Environment): string {
  const state = env['XDG_STATE_HOME'] || env['LOCALAPPDATA'] || join(homedir(), '.local', 'state');
  return join(state, 'assay', 'trust');
}

export class TrustStore {
  readonly folder: string;
  readonly #root: string;
  readonly #items: string;

  constructor(folder: string) {
    this.folder = folder;
    this.#root = join(folder, 'sigstore.json');
    this.#items = join(folder, 'kept.json');
  }

  /** The last update; null when there was none. @throws AppError TRUST_KEPT when the file is damaged */
  async updated(): Promise<UpdatedRoot | null> {
    const value = await readJson(this.#root);
    if (value === null) return null;
    const root = await readUpdatedRoot(value);
    if (root === null) throw damaged(this.#root);
    return root;
  }

  async keepUpdated(root: UpdatedRoot): Promise<void> {
    await this.#write(this.#root, root);
  }

  /** In the order they were added. @throws AppError TRUST_KEPT when the file is damaged */
  async items(): Promise<readonly KeptItem[]> {
    const value = await readJson(this.#items);
    if (value === null) return [];
    if (!Array.isArray(value) || value.length > KEPT_TRUST_MAX) throw damaged(this.#items);
    return Promise.all(value.map((one: unknown) => this.#item(one)));
  }

  async keepItems(items: readonly KeptItem[]): Promise<void> {
    if (items.length > KEPT_TRUST_MAX) throw new AppError('TRUST_KEPT', { why: `${KEPT_TRUST_MAX} are kept already` });
    const plain = items.map(({ bytes, ...rest }) => ({ ...rest, bytes: toBase64(bytes) }));
    await this.#write(this.#items, plain);
  }

  /** All of it, ready to be used; undefined when nothing is kept. @throws AppError TRUST_KEPT */
  async trust(): Promise<KeptTrust | undefined> {
    const [items, updated] = [await this.items(), await this.updated()];
    return items.length === 0 && updated === null ? undefined : keptTrust(items, updated);
  }

  /** What stands in the file is looked at again: it may have been written by another version, or by anybody. */
  async #item(value: unknown): Promise<KeptItem> {
    const { name, added, bytes, sha256 } = (value ?? {}) as Readonly<Record<string, unknown>>;
    if (
      typeof name !== 'string' ||
      typeof added !== 'string' ||
      typeof bytes !== 'string' ||
      Number.isNaN(Date.parse(added))
    )
      throw damaged(this.#items);
    try {
      const item = await keptItem(name, fromBase64(bytes), new Date(added).toISOString());
      if (item.sha256 === sha256) return item;
    } catch {
      // As below.
    }
    throw damaged(this.#items);
  }

  async #write(path: string, value: unknown): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      // Two runs at once: each writes a whole file of its own, the later one stays.
      const draft = `${path}.${process.pid}`;
      await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
      await rename(draft, path);
    } catch (error) {
      throw new AppError('TRUST_KEPT', { why: 'storage' }, error);
    }
  }
}

function damaged(path: string): AppError {
  return new AppError('TRUST_KEPT', { why: `${path} is damaged: remove it and add again` });
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw damaged(path);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw damaged(path);
  }
}

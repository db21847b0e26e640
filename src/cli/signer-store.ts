/**
 * Signers remembered on this machine, in one file beside the record of databases: `$XDG_STATE_HOME/assay/signers.json`, in
 * the form in which they are exported.
 */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../core/errors.ts';
import { SIGNERS_FILE_MAX, SIGNERS_MAX } from '../core/limits.ts';
import { formatSignerFile, readSignerFile, type SignerFile } from '../core/report/signer-file.ts';

const EMPTY: SignerFile = { signers: [], policies: [] };

/** Where it is: the XDG state folder, or what the system has in its place. */
export function signersFile(env: Readonly<Record<string, string | undefined>>): string {
  const state = env['XDG_STATE_HOME'] || env['LOCALAPPDATA'] || join(homedir(), '.local', 'state');
  return join(state, 'assay', 'signers.json');
}

/** A file that somebody names: whatever is wrong with it is told. @throws AppError SOURCE_NOT_FOUND, ATTEST_MEMORY_FILE */
export async function readSigners(path: string): Promise<SignerFile> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) throw new AppError('SOURCE_NOT_FOUND', { path });
  if (info.size > SIGNERS_FILE_MAX) throw new AppError('ATTEST_MEMORY_FILE', { why: 'it is too large' });
  return readSignerFile(await readFile(path, 'utf8'));
}

export class SignerStore {
  readonly #path: string;
  readonly #notice: (text: string) => void;

  /** @param notice told when the file was damaged and is set aside */
  constructor(path: string, notice: (text: string) => void) {
    this.#path = path;
    this.#notice = notice;
  }

  /** What is kept; nothing when there is no file. One that is damaged is set aside, because it cannot be believed. */
  async read(): Promise<SignerFile> {
    try {
      return await readSigners(this.#path);
    } catch (error) {
      if (error instanceof AppError && error.code === 'SOURCE_NOT_FOUND') return EMPTY;
      const aside = `${this.#path}.damaged-${new Date()
        .toISOString()
        .replaceAll(/[^0-9]/g, '')
        .slice(0, 14)}`;
      const moved = await rename(this.#path, aside).then(
        () => true,
        () => false,
      );
      const what = moved ? `It was set aside as ${aside}.` : 'It could not be moved out of the way.';
      this.#notice(`The signers remembered in ${this.#path} cannot be read. ${what} Signers are compared with none.`);
      return EMPTY;
    }
  }

  /** @throws AppError SOURCE_UNREADABLE when it cannot be written, ATTEST_MEMORY_FILE when there are too many */
  async change(work: (before: SignerFile) => SignerFile): Promise<SignerFile> {
    const after = work(await this.read());
    if (after.signers.length > SIGNERS_MAX) throw new AppError('ATTEST_MEMORY_FILE', { why: 'there are too many' });
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      // Two runs at once: each writes a whole file of its own, the later one stays.
      const draft = `${this.#path}.${process.pid}`;
      await writeFile(draft, formatSignerFile(after), { mode: 0o600 });
      await rename(draft, this.#path).catch(async (error: unknown) => {
        await rm(draft, { force: true });
        throw error;
      });
    } catch (error) {
      throw new AppError('SOURCE_UNREADABLE', { path: this.#path }, error);
    }
    return after;
  }
}

/** Files of this machine, for the command line. */
import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, stat, type FileHandle } from 'node:fs/promises';
import { abortable } from '../core/bytes/abort.ts';
import { streamByReads } from '../core/bytes/chunks.ts';
import { checkRange } from '../core/bytes/ranges.ts';
import type { ByteSource } from '../core/bytes/source.ts';
import { AppError, throwIfAborted } from '../core/errors.ts';
import { SLICE_MAX } from '../core/limits.ts';

export interface FileOptions {
  /** Path within its model, as shown and compared with claims. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
  /**
   * True: a symbolic link is read as what it points to (a Hugging Face cache is made of them). False: refused, so that
   * a link planted in an untrusted folder reads nothing outside it. Default false.
   */
  readonly followLinks?: boolean;
  /** Where chunks come from, when memory is to be used again. Default: fresh memory. */
  readonly allocate?: (length: number) => Uint8Array;
}

/**
 * Opens a regular file. Directories, devices, sockets and FIFOs are refused before anything is opened: opening a FIFO
 * waits for a writer, opening a device may do anything.
 *
 * @throws AppError SOURCE_NOT_FOUND; SOURCE_UNREADABLE {reason}
 */
export async function openFile(options: FileOptions, signal?: AbortSignal): Promise<ByteSource> {
  throwIfAborted(signal);
  const facts = await explained(options, () =>
    options.followLinks === true ? stat(options.path, { bigint: true }) : lstat(options.path, { bigint: true }),
  );
  return new FileSource(options, checkKind(options.name, facts));
}

/** What must stay the same for a file to be the one that was opened. */
interface Identity {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ino: bigint;
  readonly dev: bigint;
}

/**
 * The handle lives as long as one read or one stream: a source needs no closing, and each opening sees whether the
 * path still leads to the same file. State is compared before the first and after the last byte of each.
 */
class FileSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly random = true;
  readonly #options: FileOptions;
  readonly #opened: Identity;

  constructor(options: FileOptions, opened: Identity) {
    this.name = options.name;
    this.size = Number(opened.size);
    this.#options = options;
    this.#opened = opened;
  }

  async read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, start, end);
    if (end - start > SLICE_MAX) throw new AppError('SOURCE_TOO_LARGE', { name: this.name, size: end - start });
    const file = await this.#open();
    const work = this.#readWhole(file, start, end);
    // Not awaited, as below; and a cancel must not close the handle under a read.
    void work.catch(() => undefined).finally(() => file.close());
    return abortable(work, signal);
  }

  /** In one piece: a header of 100 MB gathered from chunks would be in memory twice. */
  async #readWhole(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
    this.#compare(await this.#state(file));
    const out = await this.#readAt(file, start, new Uint8Array(end - start));
    this.#compare(await this.#state(file));
    return out;
  }

  async *stream(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    throwIfAborted(signal);
    checkRange(this.name, this.size, start, end);
    const file = await this.#open();
    // A read that is still under way when the consumer leaves must end before the handle is closed.
    const reading = new Set<Promise<unknown>>();
    try {
      this.#compare(await this.#state(file));
      const read = (a: number, b: number): Promise<Uint8Array> => {
        const work = this.#readAt(file, a, this.#options.allocate?.(b - a) ?? new Uint8Array(b - a));
        reading.add(work);
        work.catch(() => undefined).finally(() => reading.delete(work));
        return abortable(work, signal);
      };
      yield* streamByReads(read, start, end, signal);
      this.#compare(await this.#state(file));
    } finally {
      // Not awaited: a cancel answers at once even when the disk does not.
      void Promise.allSettled(reading).then(() => file.close());
    }
  }

  async settle(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const file = await this.#open();
    try {
      this.#compare(await this.#state(file));
    } finally {
      await file.close();
    }
  }

  async #readAt(file: FileHandle, start: number, out: Uint8Array): Promise<Uint8Array> {
    let filled = 0;
    while (filled < out.length) {
      const { bytesRead } = await explained(this.#options, () =>
        file.read(out, filled, out.length - filled, start + filled),
      );
      if (bytesRead === 0) this.#compare(await this.#state(file));
      if (bytesRead === 0) {
        throw new AppError('SOURCE_LENGTH', { name: this.name, start, wanted: out.length, got: filled });
      }
      filled += bytesRead;
    }
    return out;
  }

  async #open(): Promise<FileHandle> {
    const { followLinks, path } = this.#options;
    // Absent on Windows, where undefined counts as 0. O_NONBLOCK: what became a FIFO meanwhile must not hang.
    const noFollow = followLinks === true ? 0 : (constants.O_NOFOLLOW ?? 0);
    const flags = constants.O_RDONLY + (constants.O_NONBLOCK ?? 0) + noFollow;
    try {
      return await explained(this.#options, () => open(path, flags));
    } catch (error) {
      if (error instanceof AppError && error.code === 'SOURCE_NOT_FOUND') {
        throw new AppError('SOURCE_CHANGED', { name: this.name, reason: 'gone' }, error);
      }
      throw error;
    }
  }

  async #state(file: FileHandle): Promise<Identity> {
    return explained(this.#options, () => file.stat({ bigint: true }));
  }

  #compare(now: Identity): void {
    const was = this.#opened;
    const name = this.name;
    if (now.size !== was.size) {
      throw new AppError('SOURCE_CHANGED', { name, reason: 'size', size: this.size, sizeNow: Number(now.size) });
    }
    if (now.ino !== was.ino || now.dev !== was.dev) throw new AppError('SOURCE_CHANGED', { name, reason: 'replaced' });
    if (now.mtimeNs !== was.mtimeNs) throw new AppError('SOURCE_CHANGED', { name, reason: 'modified' });
  }
}

function checkKind(name: string, facts: BigIntStats): Identity {
  const refuse = (reason: string): never => {
    throw new AppError('SOURCE_UNREADABLE', { name, reason });
  };
  if (facts.isSymbolicLink()) refuse('symbolic-link');
  if (facts.isDirectory()) refuse('directory');
  if (facts.isFIFO()) refuse('fifo');
  if (facts.isSocket()) refuse('socket');
  if (!facts.isFile()) refuse('device');
  if (facts.size > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new AppError('SOURCE_TOO_LARGE', { name, size: facts.size.toString() });
  }
  return facts;
}

/** Runs a call of the file system and gives its failure a code. */
async function explained<T>(options: FileOptions, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const detail = { name: options.name, reason };
    if (reason === 'ENOENT' || reason === 'ENOTDIR') throw new AppError('SOURCE_NOT_FOUND', detail, error);
    // O_NOFOLLOW met a link that was not there when the file was opened first.
    if (reason === 'ELOOP') throw new AppError('SOURCE_UNREADABLE', { ...detail, reason: 'symbolic-link' }, error);
    throw new AppError('SOURCE_UNREADABLE', detail, error);
  }
}

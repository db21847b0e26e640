import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { READ_CHUNK } from '../limits.ts';
import { BlobSource, type BlobLike } from './blob.ts';
import { code, collect, pattern, sourceSuite } from './source.suite.ts';

/** A file as Chromium shows it: an edit makes every later read fail, size and date stay those of the picking. */
function chromiumFile(bytes: Uint8Array<ArrayBuffer>): BlobLike & { edited: boolean } {
  const blob = new Blob([bytes]);
  const file = {
    size: bytes.length,
    lastModified: 1,
    edited: false,
    slice: (start: number, end: number) => ({
      arrayBuffer: async () => {
        if (file.edited) throw new DOMException('The requested file could not be read.', 'NotReadableError');
        return blob.slice(start, end).arrayBuffer();
      },
    }),
  };
  return file;
}

sourceSuite({
  title: 'BlobSource',
  async open(bytes) {
    const file = chromiumFile(bytes as Uint8Array<ArrayBuffer>);
    return {
      source: new BlobSource('b', file),
      change: () => {
        file.edited = true;
      },
    };
  },
  async openSparse(size, at, mark) {
    const slice = (start: number, end: number) => ({
      arrayBuffer: async () => {
        const out = new Uint8Array(end - start);
        const first = Math.max(start, at);
        const last = Math.min(end, at + mark.length);
        if (first < last) out.set(mark.subarray(first - at, last - at), first - start);
        return out.buffer;
      },
    });
    return { source: new BlobSource('b', { size, lastModified: 1, slice }) };
  },
  notices: ['rewrite'],
});

function failing(errorName: string, fails: (start: number) => boolean): BlobLike {
  return {
    size: 100,
    lastModified: 1,
    slice: (start, end) => ({
      arrayBuffer: async () => {
        if (fails(start)) throw new DOMException('no', errorName);
        return new ArrayBuffer(end - start);
      },
    }),
  };
}

async function caught(work: Promise<unknown>): Promise<AppError> {
  return work.then(
    () => expect.unreachable(),
    (error: unknown) => error as AppError,
  );
}

describe('BlobSource', () => {
  it('refuses a slice that came back short, as Firefox does above 4 GiB', async () => {
    const short: BlobLike = { size: 50, slice: (a, b) => ({ arrayBuffer: async () => new ArrayBuffer(b - a - 1) }) };
    expect(await code(new BlobSource('f', short).read(0, 50))).toBe('SOURCE_LENGTH');
  });

  it('says that a place is bad when only that place cannot be read', async () => {
    const error = await caught(
      new BlobSource(
        'f',
        failing('NotReadableError', (start) => start > 10),
      ).read(50, 60),
    );
    expect(error.code).toBe('SOURCE_UNREADABLE');
    expect(error.detail).toMatchObject({ reason: 'place', start: 50, end: 60 });
  });

  it('does not claim a change for a file that could never be read', async () => {
    const error = await caught(
      new BlobSource(
        'f',
        failing('NotReadableError', () => true),
      ).read(50, 60),
    );
    expect(error.code).toBe('SOURCE_UNREADABLE');
    expect(error.detail).toMatchObject({ reason: 'refused' });
    const gone = await caught(
      new BlobSource(
        'f',
        failing('NotFoundError', () => true),
      ).read(50, 60),
    );
    expect(gone.code).toBe('SOURCE_NOT_FOUND');
  });

  it('says SOURCE_CHANGED when size or date differ from those of the picking', async () => {
    for (const key of ['size', 'lastModified'] as const) {
      const file = { ...chromiumFile(pattern(100)), [key]: 100 };
      const source = new BlobSource('f', file);
      await source.read(0, 10);
      file[key] = 99;
      expect(await code(source.read(0, 10))).toBe('SOURCE_CHANGED');
      expect(await code(source.settle())).toBe('SOURCE_CHANGED');
    }
  });

  it('is cancelled at once while the disk hangs', async () => {
    const hangs: BlobLike = {
      size: 50,
      slice: () => ({ arrayBuffer: () => new Promise<ArrayBuffer>(() => undefined) }),
    };
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 5);
    expect(await code(collect(new BlobSource('f', hangs).stream(0, 50, abort.signal)))).toBe('SOURCE_ABORTED');
  });

  it('keeps at most two reads under way and asks for one chunk at a time', async () => {
    const size = 6 * READ_CHUNK;
    let under = 0;
    let most = 0;
    const lengths: number[] = [];
    const file: BlobLike = {
      size,
      slice: (start, end) => ({
        async arrayBuffer() {
          lengths.push(end - start);
          most = Math.max(most, (under += 1));
          await new Promise((done) => setTimeout(done, 2));
          under -= 1;
          return new ArrayBuffer(end - start);
        },
      }),
    };
    for await (const chunk of new BlobSource('f', file).stream(0, size)) expect(chunk.length).toBe(READ_CHUNK);
    expect(most).toBe(2);
    expect(Math.max(...lengths)).toBe(READ_CHUNK);
  });
});

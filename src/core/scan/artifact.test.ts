import { createHash, randomFillSync } from 'node:crypto';
import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import type { OpenArtifact } from '../formats/format.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { silentContext, type JobContext, type Progress } from '../progress.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import { scanArtifact, type ScanTools } from './artifact.ts';
import type { PlannedArtifact } from './model.ts';

const HEADER = 64;
const hex = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');

function planned(size: number, more: Partial<PlannedArtifact> = {}): PlannedArtifact {
  const spec = { kind: 'bytes', name: 'model.gguf', bytes: new Uint8Array(0) } as const;
  return { path: 'model.gguf', size, spec, role: 'weights', algorithms: [], tensorAlgorithms: [], ...more };
}

/** A container of our own: a header of 64 bytes, then tensors of bytes where the caller says. */
function container(file: Uint8Array, tensors: readonly TensorEntry[], more: Partial<OpenArtifact> = {}): OpenArtifact {
  return {
    format: 'gguf',
    tensors,
    metadata: [],
    findings: [],
    facts: { version: 3 },
    headerEnd: HEADER,
    headerSha256: hex('sha256', file.subarray(0, HEADER)),
    ...more,
  };
}

function tensor(name: string, start: number, byteLength: number): TensorEntry {
  return { name, dtype: 'U8', shape: [byteLength], byteLength, storage: { kind: 'range', start } };
}

function treeOfOneLeaf(payload: Uint8Array): string {
  return createHash('sha256')
    .update(`assay-tensor-v1\nU8\n[${payload.length}]\n4194304\n${payload.length}\n`)
    .update(createHash('sha256').update(payload).digest())
    .digest('hex');
}

function tools(opened?: OpenArtifact): ScanTools {
  return {
    hashes: wasmHashes(),
    describe: async () => (opened === undefined ? { findings: [] } : { opened, findings: [] }),
  };
}

/** A file that streams in small chunks and tells how it was used. */
class Slow extends MemorySource {
  streams = 0;
  settled = 0;
  readonly #chunk: number;
  readonly #each: ((at: number) => void | Promise<void>) | undefined;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, chunk: number, each?: (at: number) => void | Promise<void>) {
    super('model.gguf', bytes);
    this.#bytes = bytes;
    this.#chunk = chunk;
    this.#each = each;
  }

  override async *stream(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    this.streams++;
    for (let at = start; at < end; at += this.#chunk) {
      await this.#each?.(at);
      yield this.#bytes.slice(at, Math.min(at + this.#chunk, end));
    }
  }

  override async settle(): Promise<void> {
    this.settled++;
  }
}

describe('scanArtifact', () => {
  const file = randomFillSync(new Uint8Array(100_000));
  const tensors = [tensor('a', 64, 1000), tensor('b', 1088, 50_000)];

  it('computes file digests, tensor digests and claimed digests in one read of the body', async () => {
    const source = new Slow(file, 7777);
    const asked = planned(file.length, { algorithms: ['sha512', 'blake3'], tensorAlgorithms: ['sha1'] });
    const scan = await scanArtifact(source, asked, 'full', tools(container(file, tensors)), silentContext());
    expect(scan.status).toBe('complete');
    expect(source.streams).toBe(1);
    expect(source.settled).toBe(1);
    expect(scan.digests.sha256).toBe(hex('sha256', file));
    expect(scan.digests.sha512).toBe(hex('sha512', file));
    expect(scan.digests['git-blob-sha1']).toBe(hex('sha1', Buffer.concat([Buffer.from('blob 100000\0'), file])));
    expect(scan.digests.blake3).toHaveLength(64);
    expect(scan.tensorDigests).toEqual([
      treeOfOneLeaf(file.subarray(64, 1064)),
      treeOfOneLeaf(file.subarray(1088, 51_088)),
    ]);
    expect(scan.tensorExtra.sha1).toEqual([
      hex('sha1', file.subarray(64, 1064)),
      hex('sha1', file.subarray(1088, 51_088)),
    ]);
    expect(scan.tensorData.sha1).toBe(
      hex('sha1', Buffer.concat([file.subarray(64, 1064), file.subarray(1088, 51_088)])),
    );
    expect(scan.bytesRead).toBe(file.length);
    expect(scan.facts).toEqual({ version: 3 });
  });

  it('says which bytes belong to what, and that the filling between tensors is not zeros', async () => {
    const scan = await scanArtifact(
      new MemorySource('m', file),
      planned(file.length),
      'full',
      tools(container(file, tensors)),
      silentContext(),
    );
    expect(scan.regions).toEqual([
      { kind: 'header', start: 0, end: 64 },
      { kind: 'tensor', start: 64, end: 1064, name: 'a' },
      { kind: 'padding', start: 1064, end: 1088 },
      { kind: 'tensor', start: 1088, end: 51_088, name: 'b' },
      { kind: 'unreferenced', start: 51_088, end: 100_000 },
    ]);
    expect(scan.findings).toEqual([
      {
        code: 'nonzero-padding',
        severity: 'caution',
        path: 'model.gguf',
        offset: 1064,
        length: 24,
        detail: { bytes: 24, gaps: 1 },
      },
    ]);
    const clean = file.slice();
    clean.fill(0, 1064, 1088);
    const again = await scanArtifact(
      new MemorySource('m', clean),
      planned(file.length),
      'full',
      tools(container(clean, tensors)),
      silentContext(),
    );
    expect(again.findings).toEqual([]);
  });

  it('compares the sums that an archive states over its own entries', async () => {
    const ofA = {
      algorithm: 'crc32',
      start: 64,
      end: 1064,
      value: zlibCrc32(file.subarray(64, 1064)),
      name: 'a',
    } as const;
    const checksums = [ofA, { ...ofA, name: 'b', start: 65 }, { ...ofA, name: 'empty', end: 64, value: 0 }];
    const opened = container(file, [], { format: 'pytorch-zip', checksums });
    const scan = await scanArtifact(new Slow(file, 333), planned(file.length), 'full', tools(opened), silentContext());
    expect(scan.findings).toEqual([
      {
        code: 'bad-checksum',
        severity: 'caution',
        path: 'model.gguf',
        offset: 65,
        length: 999,
        detail: { entry: 'b' },
      },
    ]);
  });

  it('has the same SHA-256 from one native call as from a stream', async () => {
    const streamed = await scanArtifact(
      new Slow(file, 999),
      planned(file.length),
      'full',
      { hashes: { ...wasmHashes(), oneShotMax: 0 } },
      silentContext(),
    );
    expect(streamed.digests.sha256).toBe(hex('sha256', file));
  });

  it('never shows a digest of one file beside the header of another', async () => {
    const edited = file.slice();
    edited[63]! ^= 1;
    const scan = await scanArtifact(
      new MemorySource('m', edited),
      planned(file.length),
      'full',
      tools(container(file, tensors)),
      silentContext(),
    );
    expect(scan.status).toBe('failed');
    expect(scan.error?.code).toBe('SOURCE_CHANGED');
    expect(scan.digests).toEqual({});
    expect(scan.tensorDigests).toEqual([]);
    expect(scan.tensors).toHaveLength(2);
  });

  it('gives no digest when the source finds after the pass that it changed', async () => {
    const source = new MemorySource('m', file);
    source.settle = () => Promise.reject(new AppError('SOURCE_CHANGED', { name: 'm' }));
    const scan = await scanArtifact(source, planned(file.length), 'full', tools(), silentContext());
    expect(scan).toMatchObject({ status: 'failed', error: { code: 'SOURCE_CHANGED' }, digests: {} });
  });

  it('hashes a file that is no model, or whose container is refused, all the same', async () => {
    const notAModel = { kind: 'html', detail: {} } as const;
    const formatError = { code: 'FORMAT_TRUNCATED', detail: {} } as const;
    for (const found of [{ notAModel }, { formatError }]) {
      const scan = await scanArtifact(
        new MemorySource('m', file),
        planned(file.length),
        'full',
        { hashes: wasmHashes(), describe: async () => ({ ...found, findings: [] }) },
        silentContext(),
      );
      expect(scan).toMatchObject({ status: 'complete', digests: { sha256: hex('sha256', file) }, ...found });
    }
  });

  it('does not look into files that are not weights, and reads no body at depth headers', async () => {
    const refuse: ScanTools = { hashes: wasmHashes(), describe: () => Promise.reject(new Error('looked')) };
    const side = await scanArtifact(
      new MemorySource('m', file),
      planned(file.length, { role: 'side' }),
      'full',
      refuse,
      silentContext(),
    );
    expect(side.status).toBe('complete');
    const source = new Slow(file, 1000);
    const head = await scanArtifact(
      source,
      planned(file.length),
      'headers',
      tools(container(file, tensors)),
      silentContext(),
    );
    expect(head).toMatchObject({ status: 'headers-only', digests: {}, format: 'gguf' });
    expect(source.streams).toBe(0);
  });

  it('gives back the memory of every chunk', async () => {
    let given = 0;
    const lent: ScanTools = { ...tools(container(file, tensors)), recycle: () => given++ };
    await scanArtifact(new Slow(file, 10_000), planned(file.length), 'full', lent, silentContext());
    expect(given).toBe(10);
  });

  it('digests an empty file', async () => {
    const scan = await scanArtifact(
      new MemorySource('m', new Uint8Array(0)),
      planned(0),
      'full',
      tools(),
      silentContext(),
    );
    expect(scan.digests.sha256).toBe(hex('sha256', new Uint8Array(0)));
    expect(scan.digests['git-blob-sha1']).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
  });
});

describe('a stopped scan', () => {
  const file = new Uint8Array(1_000_000);

  it('keeps the header and never has a digest', async () => {
    const controller = new AbortController();
    const source = new Slow(file, 1000, (at) => {
      if (at === 500_000) controller.abort();
    });
    const opened = container(file, [tensor('a', 64, 1000)]);
    const scan = await scanArtifact(
      source,
      planned(file.length),
      'full',
      tools(opened),
      silentContext(controller.signal),
    );
    expect(scan).toMatchObject({ status: 'aborted', digests: {}, tensorDigests: [], format: 'gguf' });
    expect(scan.error).toBeUndefined();
    expect(scan.bytesRead).toBeLessThan(600_000);
  });

  it('hears an abort that arrives as a message, even where every read is answered at once', async () => {
    const controller = new AbortController();
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      controller.abort();
      port1.close();
    });
    port1.start();
    port2.postMessage('abort');
    const endless: ByteSource = {
      name: 'm',
      size: 2 ** 40,
      random: true,
      read: async () => new Uint8Array(0),
      async *stream() {
        for (let at = 0; at < 2 ** 40; at += 65_536) yield new Uint8Array(65_536);
      },
      settle: async () => undefined,
    };
    const scan = await scanArtifact(endless, planned(2 ** 40), 'full', tools(), silentContext(controller.signal));
    expect(scan.status).toBe('aborted');
    expect(scan.seconds).toBeLessThan(1);
  });
});

describe('progress of a scan', () => {
  it('comes at most ten times a second, never goes back, and ends at the size', async () => {
    const updates: { at: number; progress: Progress }[] = [];
    const ctx: JobContext = {
      ...silentContext(),
      progress: (progress) => updates.push({ at: performance.now(), progress }),
    };
    const file = new Uint8Array(60_000);
    const source = new Slow(file, 1000, () => new Promise((resolve) => setTimeout(resolve, 8)));
    await scanArtifact(source, planned(file.length), 'full', tools(), ctx);
    const done = updates.map((u) => u.progress.done);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(file.length);
    expect(updates.length).toBeGreaterThan(2);
    for (const [i, update] of updates.slice(1, -1).entries()) expect(update.at - updates[i]!.at).toBeGreaterThan(95);
  });
});

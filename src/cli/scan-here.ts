/** One scan on the thread that calls, with the command line's means: files, fetch, OpenSSL. */
import { openSource } from '../core/bytes/open.ts';
import { throwIfAborted, toErrorData } from '../core/errors.ts';
import type { JobContext } from '../core/progress.ts';
import { scanArtifact } from '../core/scan/artifact.ts';
import { emptyScan } from '../core/scan/empty.ts';
import type { ArtifactScan, Depth, PlannedArtifact } from '../core/scan/model.ts';
import { ChunkRing } from './chunk-ring.ts';
import { openFile } from './fs-source.ts';
import { LeafThread } from './leaf-thread.ts';
import { nodeHashes } from './node-hash.ts';

export class Scanner {
  readonly #ring = new ChunkRing();
  readonly #leaves = new LeafThread();
  readonly #hashes = nodeHashes(this.#leaves);

  /** Never rejects: what cannot be opened or read is a scan with status `failed`. */
  async scan(artifact: PlannedArtifact, depth: Depth, ctx: JobContext): Promise<ArtifactScan> {
    const ring = this.#ring;
    try {
      throwIfAborted(ctx.signal);
      const source = await openSource(
        artifact.spec,
        {
          http: { fetchFn: (url, init) => fetch(url, init), network: (event) => ctx.network(event) },
          // Links are followed: a Hugging Face cache is made of them, and the person named this folder.
          openPath: (name, path, signal) =>
            openFile({ name, path, followLinks: true, allocate: (length) => ring.take(length) }, signal),
        },
        ctx.signal,
      );
      return await scanArtifact(
        source,
        artifact,
        depth,
        { hashes: this.#hashes, recycle: (chunk) => ring.give(chunk) },
        ctx,
      );
    } catch (error) {
      const data = toErrorData(error);
      const scan = emptyScan(artifact.path, artifact.size);
      return data.code === 'SOURCE_ABORTED' ? scan : { ...scan, status: 'failed', error: data };
    }
  }

  close(): Promise<void> {
    return this.#leaves.close();
  }
}

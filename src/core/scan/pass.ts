import type { ByteSource } from '../bytes/source.ts';
import type { Finding } from '../content/finding.ts';
import { throwIfAborted } from '../errors.ts';
import type { OpenArtifact, Region } from '../formats/format.ts';
import type { Algorithm } from '../hash/hasher.ts';
import { ChunkLease } from '../hash/lease.ts';
import type { JobContext } from '../progress.ts';
import { ChecksumLane } from './checksum-lane.ts';
import { numberFindings } from './decode-lane-findings.ts';
import { FileLane } from './file-lane.ts';
import { HeaderGuard } from './header-guard.ts';
import { Pace } from './pace.ts';
import { PaddingLane } from './padding-lane.ts';
import type { Witness } from './witness.ts';
import { TensorDigester, type TensorDigests, type TensorTools, type TensorWants } from './tensor-digests.ts';

/** What the surroundings lend to a pass. */
export interface PassTools extends TensorTools {
  /** Takes back the memory of a chunk that nobody reads any more. */
  readonly recycle?: (chunk: Uint8Array) => void;
}

export interface PassWants {
  readonly algorithms: readonly Algorithm[];
  readonly tensorAlgorithms: readonly Algorithm[];
  /** The artifact as its header describes it; absent: only the file's own digests are wanted. */
  readonly opened?: OpenArtifact;
  /** Everything that was read before the pass. */
  readonly witness?: Witness;
  readonly regions: readonly Region[];
  /** Canonical digests and statistics of the tensors, from the same read. Costs decoding every number. */
  readonly numbers?: boolean;
}

export interface PassResult {
  readonly digests: Partial<Record<Algorithm, string>>;
  readonly tensors: TensorDigests;
  readonly findings: readonly Finding[];
}

const NO_TENSORS: TensorDigests = { digests: [], extra: {}, data: {} };

/**
 * Reads the whole file once, in order, and gives every byte to every digest that is wanted of it. Memory is a few
 * chunks, whatever the size. The signal is looked at in every chunk.
 *
 * @throws AppError SOURCE_*: aborted, unreadable, or changed while it was read (then there is no digest)
 */
export async function readOnce(
  source: ByteSource,
  wants: PassWants,
  tools: PassTools,
  ctx: JobContext,
): Promise<PassResult> {
  const { hashes } = tools;
  const { opened } = wants;
  const file = await FileLane.create(wants.algorithms, source.size, hashes);
  const tensors = opened && (await TensorDigester.create(source, opened, tensorWants(wants), tools));
  const guard = opened && (await HeaderGuard.create(source, opened, hashes));
  const padding = new PaddingLane(wants.regions);
  const sums = new ChecksumLane(opened?.checksums ?? [], source.size);
  const pace = new Pace(ctx, source.name, source.size);
  try {
    let at = 0;
    for await (const chunk of source.stream(0, source.size, ctx.signal)) {
      const lease = new ChunkLease(chunk, tools.recycle);
      try {
        throwIfAborted(ctx.signal);
        // First the leaves, which other threads hash; while they do, this thread computes the file's own digests.
        await tensors?.feed(lease, at);
        guard?.feed(chunk, at);
        wants.witness?.feed(chunk, at);
        padding.feed(chunk, at);
        sums.feed(chunk, at);
        file.feed(chunk, at);
        at += chunk.length;
      } finally {
        lease.drop();
      }
      await pace.step(at);
    }
    guard?.finish();
    wants.witness?.finish();
    const digests = await file.finish();
    const ofTensors = (await tensors?.finish(ctx.signal)) ?? NO_TENSORS;
    await source.settle(ctx.signal);
    pace.finish();
    const told = opened && ofTensors.numbers ? numberFindings(opened.tensors, ofTensors.numbers) : [];
    return { digests, tensors: ofTensors, findings: [...padding.finish(), ...sums.finish(), ...told] };
  } finally {
    tensors?.close();
    pace.close();
  }
}

function tensorWants({ tensorAlgorithms: algorithms, numbers = false }: PassWants): TensorWants {
  return { algorithms, numbers };
}

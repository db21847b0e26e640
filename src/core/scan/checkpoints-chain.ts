/** Published hash chains and checksum lists among the files of a sequence, held against them. */
import { openSource, type OpenContext } from '../bytes/open.ts';
import { contradicts, holds, unchecked, type SequenceCheck } from '../checkpoints/check.ts';
import type { Attestation } from '../claims/attestations/attestation.ts';
import { CHECKPOINT_CHAIN } from '../claims/attestations/checkpoint-chain/checkpoint-chain.ts';
import type { Expectations } from '../claims/attestations/kind.ts';
import { isSumsName, parseSumsFile } from '../claims/sums.ts';
import { toErrorData } from '../errors.ts';
import type { HashProvider } from '../hash/hasher.ts';
import { CLAIM_BUNDLE_MAX } from '../limits.ts';
import type { JobContext } from '../progress.ts';
import { attest } from './attest.ts';
import type { LocalFile, PlannedArtifact } from './model.ts';

export interface ChainsChecked {
  readonly check: SequenceCheck;
  readonly attestations: readonly Attestation[];
}

/** Files are read once more for this, and only when a chain or list is there. */
export async function checkChains(
  files: readonly LocalFile[],
  { expect, now }: { readonly expect?: Expectations; readonly now: string },
  tools: OpenContext & { readonly hashes: HashProvider },
  ctx: JobContext,
): Promise<ChainsChecked> {
  const small = files.filter(({ size }) => size <= CLAIM_BUNDLE_MAX);
  const chains = small.filter(({ path }) => CHECKPOINT_CHAIN.names.test(baseName(path)));
  const lists = small.filter(({ path }) => isSumsName(path));
  if (chains.length + lists.length === 0) return { check: unchecked('chain', 'no-chain'), attestations: [] };
  const artifacts = files.map(({ path, size, spec }): PlannedArtifact => ({
    path,
    size,
    spec,
    role: 'other',
    algorithms: [],
    tensorAlgorithms: [],
  }));
  try {
    const attestations: Attestation[] = [];
    for (const { path } of chains) {
      const given = { artifacts, scans: new Map(), depth: 'full', only: path, now } as const;
      const found = await attest(expect === undefined ? given : { ...given, expect }, tools, ctx.signal);
      attestations.push(...found.attestations.filter(({ kind }) => kind === CHECKPOINT_CHAIN.id));
    }
    const listed = await checkLists(lists, files, tools, ctx);
    if (attestations.length === 0 && listed === null) return { check: unchecked('chain', 'no-chain'), attestations };
    return { check: conclusion(attestations, listed), attestations };
  } catch (error) {
    const { code } = toErrorData(error);
    return {
      check: unchecked('chain', code === 'SOURCE_ABORTED' ? 'stopped' : 'not-read', { code }),
      attestations: [],
    };
  }
}

interface Listed {
  readonly same: number;
  /** Of the first file that is not as listed. */
  readonly changed?: string;
}

function conclusion(attestations: readonly Attestation[], listed: Listed | null): SequenceCheck {
  const broken = attestations.find(({ outcome }) => outcome === 'contradicts');
  if (broken !== undefined) {
    const step = broken.steps.find(({ outcome }) => outcome === 'contradicts');
    return contradicts('chain', { chain: broken.path, step: step?.id ?? '', code: step?.reason?.code ?? '' });
  }
  if (listed?.changed !== undefined) return contradicts('chain', { chain: 'checksum list', file: listed.changed });
  const same = attestations.reduce((sum, { files }) => sum + files.filter(({ state }) => state === 'same').length, 0);
  const open = attestations.find(({ outcome }) => outcome !== 'matches');
  const detail = { same: same + (listed?.same ?? 0), chains: attestations.length };
  if (detail.same === 0) return unchecked('chain', 'no-chain', detail);
  const step = open?.steps.find(({ outcome }) => outcome === 'could-not-check');
  return holds('chain', step === undefined ? detail : { ...detail, open: step.id });
}

/** SHA256SUMS and kin: digests of whole files, as far as they are of files that are here. */
async function checkLists(
  lists: readonly LocalFile[],
  files: readonly LocalFile[],
  tools: OpenContext & { readonly hashes: HashProvider },
  ctx: JobContext,
): Promise<Listed | null> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  let same = 0;
  let stated = 0;
  let done = 0;
  for (const list of lists) {
    const source = await openSource(list.spec, tools, ctx.signal);
    const text = new TextDecoder().decode(await source.read(0, source.size, ctx.signal));
    for (const { path, algorithm, digest, scope } of parseSumsFile(text, list.path)?.statements ?? []) {
      const file = path === null ? undefined : byPath.get(path);
      if (file === undefined || scope !== 'file') continue;
      stated++;
      const body = await openSource(file.spec, tools, ctx.signal);
      const hasher = await tools.hashes.create(algorithm, body.size);
      for await (const chunk of body.stream(0, body.size, ctx.signal)) {
        hasher.update(chunk);
        done += chunk.length;
        ctx.progress({ phase: 'reading', path: file.path, done });
      }
      await body.settle(ctx.signal);
      if (hasher.digest() !== digest) return { same, changed: file.path };
      same++;
    }
  }
  return stated === 0 ? null : { same };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

import type { OpenContext } from '../bytes/open.ts';
import type { Check } from '../claims/check.ts';
import { throwIfAborted, toErrorData, type ErrorData } from '../errors.ts';
import type { HashProvider } from '../hash/hasher.ts';
import {
  isConstant,
  layoutCandidates,
  sameWeights,
  sameWeightsCheck,
  type CanonicalTensor,
  type LayoutCandidate,
  type Match,
  type SameWeights,
} from '../report/same-weights.ts';
import { canonicalForm } from '../tensors/canonical.ts';
import { describeRoles } from '../tensors/roles/describe.ts';
import { canonicalId } from '../tensors/roles/role.ts';
import { logicalTensors } from '../tensors/read/logical.ts';
import type { LogicalTensor, TensorModel } from '../tensors/read/model.ts';
import { decodedDtype } from '../tensors/read/read.ts';
import { openModel } from './compare-files.ts';
import type { ModelInput } from './compare-request.ts';
import { DecodeTools } from './decode-lane-one.ts';
import { digestsRelaid } from './decode-layout.ts';
import { decodeModel } from './decode-model.ts';

/** A model with everything that is known of its numbers. */
export interface CanonicalModel {
  readonly model: TensorModel;
  readonly logical: readonly LogicalTensor[];
  /** In the order of `logical`. */
  readonly tensors: readonly CanonicalTensor[];
}

export interface SameWeightsTools {
  readonly hashes: HashProvider;
  readonly signal: AbortSignal;
  /** Told how many bytes were read since the last time. */
  readonly read?: (bytes: number) => void;
}

/**
 * Every tensor of a model with its canonical digest, statistics and role, from one read of its files. Quantised groups
 * are the one tensor they stand for. Memory is some 100 MB, whatever the size.
 *
 * @throws AppError SOURCE_*; what cannot be decoded says so in its tensor
 */
export async function canonicalModel(model: TensorModel, tools: SameWeightsTools): Promise<CanonicalModel> {
  const { signal, read } = tools;
  const { tensors: logical } = await logicalTensors(model, signal);
  const decode = { tools: await DecodeTools.create(tools.hashes), signal, ...(read === undefined ? {} : { read }) };
  const numbers = await decodeModel(model, logical, decode);
  const dtypes = logical.map(decodedDtype);
  const { roles } = describeRoles(logical.map(({ name, shape }, i) => ({ name, shape, dtype: dtypes[i]! })));
  const tensors = logical.map((tensor, i): CanonicalTensor => {
    const { canonical, stats, error } = numbers[i]!;
    const form = canonicalForm(dtypes[i]!, tensor.shape);
    const about = roles[i]!;
    const known = about.by === 'name' && about.role !== 'unknown' && about.role !== 'buffer';
    const role = known ? `${about.component ?? ''}/${canonicalId(about)}` : null;
    return {
      name: tensor.name,
      ...(role === null ? {} : { role }),
      ...(about.role === 'q' || about.role === 'k' ? { rotary: true } : {}),
      ...(about.role === 'buffer' ? { bookkeeping: true } : {}),
      dtype: form.dtype,
      shape: form.shape,
      digest: canonical,
      stats,
      ...(error === undefined ? {} : { error }),
    };
  });
  return { model, logical, tensors };
}

/**
 * Whether two models hold the same numbers, whatever containers they are in. Where no digest matches and statistics are
 * equal, tensors of A are read once more with their dimensions in the order of B: TensorFlow and PyTorch lay the same
 * kernel out differently.
 *
 * @throws AppError SOURCE_*
 */
export async function compareWeights(
  a: CanonicalModel,
  b: CanonicalModel,
  { hashes, signal }: SameWeightsTools,
): Promise<SameWeights> {
  const byTensor = new Map<number, LayoutCandidate[]>();
  for (const candidate of layoutCandidates(a.tensors, b.tensors)) {
    const [i] = candidate.match;
    const list = byTensor.get(i) ?? [];
    byTensor.set(i, list);
    list.push(candidate);
  }
  const relaid: Match[] = [];
  const taken = new Set<number>();
  let tools: DecodeTools | null = null;
  let last: LayoutCandidate | null = null;
  const likes = (one: LayoutCandidate): boolean =>
    last !== null &&
    one.axes.join() === last.axes.join() &&
    one.split?.slice(1, 3).join() === last.split?.slice(1, 3).join();
  for (const [i, candidates] of byTensor) {
    throwIfAborted(signal);
    const open = candidates.filter(({ match: [, j] }) => !taken.has(j));
    const [first] = open;
    if (first === undefined) continue;
    if (isConstant(a.tensors[i]!)) {
      relaid.push(first.match);
      taken.add(first.match[1]);
      continue;
    }
    tools ??= await DecodeTools.create(hashes);
    // What fitted before is likely to fit again: the next layer has heads of the same length.
    open.sort((x, y) => Number(likes(y)) - Number(likes(x)));
    for (const some of batches(open)) {
      const layouts = some.map(({ match: [, j], ...layout }) => ({ ...layout, shape: b.tensors[j]!.shape }));
      const digests = await digestsRelaid(a.model, a.logical[i]!, layouts, { tools, signal });
      const found = some.find(({ match: [, j] }, k) => digests[k] !== null && digests[k] === b.tensors[j]!.digest);
      if (found === undefined) continue;
      relaid.push(found.match);
      taken.add(found.match[1]);
      last = found;
      break;
    }
  }
  return sameWeights(a.tensors, b.tensors, relaid);
}

/**
 * The check "all tensors hold the same numbers as …" for a model against another. Never rejects: a model that cannot be
 * read, or changes meanwhile, and a stop are a check that could not be made, with its reason.
 */
export async function checkSameWeights(
  model: ModelInput,
  other: ModelInput,
  context: OpenContext,
  tools: SameWeightsTools,
): Promise<Omit<Check, 'id'>> {
  const named = { name: other.name, independent: true };
  try {
    const [a, b] = [await openModel(model, context, tools.signal), await openModel(other, context, tools.signal)];
    const reason = [...a.unread, ...b.unread][0]?.reason ?? nothing(a, model.name) ?? nothing(b, other.name);
    if (reason !== undefined) return couldNot(named, reason);
    const [ours, theirs] = [await canonicalModel(a, tools), await canonicalModel(b, tools)];
    return sameWeightsCheck(ours.tensors, theirs.tensors, await compareWeights(ours, theirs, tools), named);
  } catch (error) {
    return couldNot(named, toErrorData(error));
  }
}

function nothing({ files }: TensorModel, name: string): ErrorData | undefined {
  if (files.some(({ tensors }) => tensors.length > 0)) return undefined;
  return { code: 'FORMAT_MISSING_TENSOR', detail: { file: name } };
}

function couldNot(
  { name, independent }: { readonly name: string; readonly independent: boolean },
  reason: ErrorData,
): Omit<Check, 'id'> {
  return {
    axis: 'lineage',
    kind: 'same-weights',
    outcome: 'could-not-check',
    source: { kind: 'model', name, independent },
    reason,
  };
}

/** One, which mostly is the right one, then all others. */
function* batches(candidates: readonly LayoutCandidate[]): Generator<readonly LayoutCandidate[], void, undefined> {
  yield candidates.slice(0, 1);
  if (candidates.length > 1) yield candidates.slice(1);
}

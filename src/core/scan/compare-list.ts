/** The tensors of an opened model with their roles, as pairing and the result want them. */
import { toErrorData } from '../errors.ts';
import type { ComparedModel } from '../report/comparison.ts';
import { elementCount } from '../tensors/dtypes.ts';
import { logicalTensors, storedAlone } from '../tensors/read/logical.ts';
import type { LogicalTensor } from '../tensors/read/model.ts';
import { notReadable } from '../tensors/read/stored.ts';
import { describeRoles } from '../tensors/roles/describe.ts';
import { hintFromConfig, hintFromGguf } from '../tensors/roles/hint.ts';
import type { Component, HeadCounts, RoleHint, RoleMap, TensorRole } from '../tensors/roles/role.ts';
import type { OpenedModel } from './compare-files.ts';
import type { Candidate, Candidates } from './compare-pairing.ts';
import type { ModelInput } from './compare-request.ts';
import type { ListedModel } from './compare-run.ts';

export interface DescribedModel extends ListedModel {
  readonly candidates: Candidates;
  readonly hint: RoleHint;
}

/** Containers that keep matrices as [in, out] by custom. */
const IN_OUT = /^(?:onnx|hdf5|keras|tensorflow)/;

/** @throws AppError SOURCE_* when a part of a few bytes that says how to read others cannot be read */
export async function listModel(model: OpenedModel, signal: AbortSignal): Promise<DescribedModel> {
  const tensors = await tensorsOf(model, signal);
  const hint = hintOf(model);
  const map = describeRoles(
    tensors.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      dtype: dtypeOf(tensor),
      // What an exporter's graph does with it, where its name is lost.
      ...(tensor.kind === 'stored' && tensor.at.entry.origin !== undefined ? { origin: tensor.at.entry.origin } : {}),
    })),
    hint,
  );
  const candidates: Candidates = {
    tensors: tensors.map((tensor, i) => candidate(tensor, map.roles[i]!)),
    components: map.components,
    inOut: model.formats.some((format) => IN_OUT.test(format)),
    headDim: (tower, role, rows) => headDim(hint, tower, role, rows),
  };
  return { model, tensors, candidates, hint };
}

/** As a runtime has them; as they are stored, where a part that says how they belong together breaks its format. */
async function tensorsOf(model: OpenedModel, signal: AbortSignal): Promise<readonly LogicalTensor[]> {
  try {
    return (await logicalTensors(model, signal)).tensors;
  } catch (error) {
    if (!toErrorData(error).code.startsWith('FORMAT_')) throw error;
    return model.files.flatMap((file) => file.tensors.map((entry) => storedAlone(file, entry)));
  }
}

function candidate(tensor: LogicalTensor, role: TensorRole): Candidate {
  const { name, shape } = tensor;
  const unreadable = tensor.kind === 'stored' ? notReadable(tensor.at.entry, tensor.at.file.format) : null;
  return { name, path: pathOf(tensor), shape, role, unreadable };
}

export function pathOf(tensor: LogicalTensor): string {
  if (tensor.kind === 'stored') return tensor.at.file.path;
  return tensor.parts.get(tensor.recipe.parts[0] ?? '')?.file.path ?? '';
}

/** The stored type; of what is made of several tensors, the name of the scheme. */
export function dtypeOf(tensor: LogicalTensor): string {
  return tensor.kind === 'stored' ? tensor.at.entry.dtype : tensor.scheme;
}

/** What a configuration says; what it leaves open, from GGUF's own metadata. */
function hintOf({ top, files }: OpenedModel): RoleHint {
  const format = files[0]?.format;
  const gguf = files.find((file) => file.format === 'gguf' && file.metadata.length > 0);
  const own = gguf === undefined ? {} : hintFromGguf(gguf.metadata);
  const told = hintFromConfig(top);
  return { ...told, ...own, ...(format === undefined ? {} : { format }) };
}

function headDim({ heads }: RoleHint, tower: string, { role }: TensorRole, rows: number): number | undefined {
  const counts: HeadCounts | undefined =
    tower === 'vision' || tower === 'audio' ? heads?.[tower] : (heads?.text ?? heads?.decoder);
  if (counts === undefined) return undefined;
  const dim = rows / (role === 'k' ? counts.kvHeads : counts.heads);
  return Number.isInteger(dim) ? dim : undefined;
}

/** How a component is called in a result: its kind, with its prefix where a model has several of that kind. */
export function componentTitles(components: RoleMap['components']): readonly string[] {
  const count = ({ kind }: Component): number => components.filter((one) => one.kind === kind).length;
  return components.map((one) => (count(one) === 1 ? one.kind : `${one.kind} (${one.prefix || 'top'})`));
}

/** What a result says of a model. @param listed absent when its headers were not read */
export function comparedModel(
  input: ModelInput,
  listed: DescribedModel | null,
  signals: Pick<ComparedModel, 'missing' | 'derived' | 'cached' | 'seconds'>,
): ComparedModel {
  const { name, origin } = input;
  const files = listed?.model.files ?? [];
  const architecture = listed === null ? undefined : architectureOf(listed);
  return {
    name,
    origin: origin.kind,
    ...(origin.kind === 'hub' ? { repo: origin.repo, commit: origin.commit } : {}),
    formats: listed?.model.formats ?? [],
    ...(architecture === undefined ? {} : { architecture }),
    files: files.length,
    bytes: files.reduce((sum, { source }) => sum + source.size, 0),
    ...(listed === null || listed.model.unread.length === 0 ? {} : { unread: listed.model.unread }),
    tensors: listed?.tensors.length ?? 0,
    parameters: (listed?.tensors ?? []).reduce((sum, { shape }) => sum + elementCount(shape), 0),
    ...signals,
  };
}

function architectureOf({ model, hint }: DescribedModel): string | undefined {
  const stated = (model.top as { readonly architectures?: unknown } | null | undefined)?.architectures;
  const first: unknown = Array.isArray(stated) ? stated[0] : undefined;
  return typeof first === 'string' ? first.slice(0, 200) : hint.architecture?.slice(0, 200);
}

import type { MetaEntry } from '../../formats/format.ts';
import { describeRoles } from '../../tensors/roles/describe.ts';
import { hintFromGguf } from '../../tensors/roles/hint.ts';
import { ROLE_TITLES, type Component, type NamedTensor, type TensorRole } from '../../tensors/roles/role.ts';

/** One file of the model as far as roles need it. */
export interface RolesAsked {
  readonly format?: string;
  /** Of GGUF: architecture and head counts are looked for. */
  readonly metadata: readonly MetaEntry[];
  readonly tensors: readonly NamedTensor[];
}

export interface RolesTold {
  /** One per tensor, over all files in order: `attention.q`, `norm.input.bias`; empty when the role is not known. */
  readonly roles: readonly string[];
  /** The same with layer, expert and component: `attention.q of layer 3`; for one tensor at a time. */
  readonly long: readonly string[];
  /** `text, 32 layers` … */
  readonly components: readonly string[];
  readonly unknown: number;
}

/** What every tensor of a model is, in words. Pure: no file is opened. */
export function tellRoles(files: readonly RolesAsked[]): RolesTold {
  const gguf = files.find(({ format }) => format === 'gguf');
  const format = files.find((file) => file.format !== undefined)?.format;
  const hint = gguf !== undefined ? hintFromGguf(gguf.metadata) : format === undefined ? {} : { format };
  const { roles, components, counts } = describeRoles(
    files.flatMap(({ tensors }) => tensors),
    hint,
  );
  return {
    roles: roles.map(short),
    long: roles.map((role) => long(role, components)),
    components: components.map(
      ({ kind, layers, tensors }) =>
        `${kind}: ${layers.length > 0 ? `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}, ` : ''}${tensors} ${tensors === 1 ? 'tensor' : 'tensors'}`,
    ),
    unknown: counts.unknown,
  };
}

function short({ role, parameter, expert }: TensorRole): string {
  if (role === 'unknown') return '';
  const title = ROLE_TITLES[role];
  const whose = typeof expert === 'number' ? `, expert ${expert}` : expert === 's' ? ', shared expert' : '';
  return `${title}${parameter === 'weight' ? '' : ` ${parameter}`}${whose}`;
}

function long(role: TensorRole, components: readonly Component[]): string {
  const what = short(role);
  if (what === '') return '';
  const component = role.component === null ? undefined : components[role.component];
  return [
    what,
    ...(role.expert === 'all' ? ['all experts'] : []),
    ...(role.layer === null ? [] : [`layer ${role.layer}`]),
    ...(component === undefined || components.length < 2 ? [] : [`of the ${component.kind} part`]),
    ...(role.by === 'shape' ? ['guessed from its shape'] : []),
  ].join(', ');
}

/** Tensors gathered into the cells of the heat map: one cell per layer and part. Pure; map and table read the same cells. */
import type { ComparedTensor, TensorRelation } from '../../../core/report/comparison.ts';

/** What a cell shows. `differs` has a shade, the others a sign. */
export type CellState = 'identical' | 'same-numbers' | 'differs' | 'other-shape' | 'missing' | 'not-compared';

export interface Cell {
  readonly layer: number | null;
  /** `attention.q`; what has no known role is `other`. */
  readonly role: string;
  readonly state: CellState;
  readonly tensors: readonly ComparedTensor[];
  /** Tensors by relation; absent where none. */
  readonly counts: Readonly<Partial<Record<TensorRelation, number>>>;
  /** The lowest among those that differ. */
  readonly cosine: number | null;
  /** The largest among those that differ. */
  readonly distance: number | null;
  /** Numbers that differ, over all tensors of the cell that differ; null where none was counted. */
  readonly changed: number | null;
  /** Numbers in its tensors: those that were compared, else those that are there. */
  readonly numbers: number;
  /** Experts that have a tensor of their own in it; 0 where the part is no expert's. */
  readonly experts: number;
}

export interface MapRow {
  readonly role: string;
  /** Most experts of any layer; 0: no experts. */
  readonly experts: number;
  /** In the order of the map's layers; null: neither model has this part there. */
  readonly cells: readonly (Cell | null)[];
}

/** One stack of layers, as one map. */
export interface ComponentMap {
  /** As the models name it; empty where there is only one without a name. */
  readonly component: string;
  readonly layers: readonly number[];
  readonly rows: readonly MapRow[];
  /** Parts outside the layers: embedding, last norm, head. */
  readonly outside: readonly Cell[];
  /** Tensors in all of it. */
  readonly tensors: number;
}

const UNKNOWN_ROLE = 'other';

/** Families of parts from top to bottom, as they are met inside a layer; norms, mostly alike, come last. */
const FAMILIES = ['embedding', 'attention', 'cross', 'mlp', 'moe', 'ssm', 'time_mix', 'channel_mix', 'conv', 'layer'];
const LAST_FAMILIES = ['norm', 'lm_head', UNKNOWN_ROLE];
/** Within a family: in the order of computation; what is not named follows by alphabet. */
const PARTS = ['qkv', 'qk', 'q', 'kv', 'k', 'v', 'o', 'q_a', 'q_b', 'kv_a', 'kv_b', 'gate_up', 'gate', 'up', 'down'];

/** In the order of size, largest stack first. */
export function componentMaps(tensors: readonly ComparedTensor[]): ComponentMap[] {
  const groups = new Map<string, ComparedTensor[]>();
  for (const tensor of tensors) push(groups, tensor.component ?? '', tensor);
  const maps = [...groups].map(([component, members]) => mapOf(component, members));
  return maps.sort((a, b) => b.tensors - a.tensors);
}

const EXPERT_NAMES: ReadonlyMap<number | string, string> = new Map([
  ['s', 'shared expert'],
  ['all', 'all experts in one'],
]);

/** Numbered ones by number, the shared one last. */
const expertRank = (expert: number | string): number => (typeof expert === 'number' ? expert : Infinity);

/** The experts of one row as a map of their own: a row per expert. */
export function expertMap({ role, cells }: MapRow, layers: readonly number[]): ComponentMap {
  const byExpert = new Map<number | string, Map<number, ComparedTensor[]>>();
  for (const cell of cells) {
    for (const tensor of cell?.tensors ?? []) {
      if (tensor.expert === null || tensor.layer === null) continue;
      const at = byExpert.get(tensor.expert) ?? new Map<number, ComparedTensor[]>();
      push(at, tensor.layer, tensor);
      byExpert.set(tensor.expert, at);
    }
  }
  const rows = [...byExpert]
    .sort(([a], [b]) => expertRank(a) - expertRank(b))
    .map(([expert, at]) => {
      const name = EXPERT_NAMES.get(expert) ?? `expert ${expert}`;
      const cells = layers.map((layer) => (at.has(layer) ? cellOf(layer, `${role}, ${name}`, at.get(layer)!) : null));
      return { role: name, experts: 0, cells };
    });
  return {
    component: role,
    layers,
    rows,
    outside: [],
    tensors: cells.reduce((n, c) => n + (c?.tensors.length ?? 0), 0),
  };
}

/** Every cell of a map, layer by layer and part by part, those outside the layers last: the rows of its table. */
export function cellsOf(map: ComponentMap): Cell[] {
  const inside = map.layers.flatMap((_, x) => map.rows.flatMap(({ cells }) => cells[x] ?? []));
  return [...inside, ...map.outside];
}

function mapOf(component: string, tensors: readonly ComparedTensor[]): ComponentMap {
  const outside = new Map<string, ComparedTensor[]>();
  const roles = new Map<string, Map<number, ComparedTensor[]>>();
  const layers = new Set<number>();
  for (const tensor of tensors) {
    const role = tensor.role ?? UNKNOWN_ROLE;
    if (tensor.layer === null) {
      push(outside, role, tensor);
      continue;
    }
    layers.add(tensor.layer);
    const at = roles.get(role) ?? new Map<number, ComparedTensor[]>();
    push(at, tensor.layer, tensor);
    roles.set(role, at);
  }
  const order = [...layers].sort((a, b) => a - b);
  const rows = [...roles]
    .sort(([a], [b]) => byRole(a, b))
    .map(([role, at]) => {
      const cells = order.map((layer) => (at.has(layer) ? cellOf(layer, role, at.get(layer)!) : null));
      return { role, experts: Math.max(0, ...cells.map((cell) => cell?.experts ?? 0)), cells };
    });
  return {
    component,
    layers: order,
    rows,
    outside: [...outside].sort(([a], [b]) => byRole(a, b)).map(([role, members]) => cellOf(null, role, members)),
    tensors: tensors.length,
  };
}

function cellOf(layer: number | null, role: string, tensors: readonly ComparedTensor[]): Cell {
  const counts: Partial<Record<TensorRelation, number>> = {};
  let cosine: number | null = null;
  let distance: number | null = null;
  let changed: number | null = null;
  let numbers = 0;
  const experts = new Set<number | string>();
  for (const tensor of tensors) {
    counts[tensor.relation] = (counts[tensor.relation] ?? 0) + 1;
    if (tensor.expert !== null) experts.add(tensor.expert);
    numbers += tensor.values ?? elements(tensor);
    if (tensor.relation !== 'differs') continue;
    if (tensor.cosine !== undefined && (cosine === null || tensor.cosine < cosine)) cosine = tensor.cosine;
    if (tensor.distance !== undefined && (distance === null || tensor.distance > distance)) distance = tensor.distance;
    if (tensor.changed !== undefined) changed = (changed ?? 0) + tensor.changed;
  }
  return {
    layer,
    role,
    state: stateOf(counts),
    tensors,
    counts,
    cosine,
    distance,
    changed,
    numbers,
    experts: experts.size,
  };
}

/** Numbers of a tensor, as A has it; as B where A has none. */
export function elements({ a, b }: ComparedTensor): number {
  return (a ?? b)?.shape.reduce((product, n) => product * n, 1) ?? 0;
}

/** A cell is what the worst of its tensors is; a difference in numbers is told before what could not be compared. */
function stateOf(counts: Cell['counts']): CellState {
  if (counts.differs) return 'differs';
  if (counts['other-shape']) return 'other-shape';
  if (counts['only-a'] || counts['only-b']) return 'missing';
  if (counts['not-compared']) return 'not-compared';
  return counts['same-numbers'] ? 'same-numbers' : 'identical';
}

function byRole(a: string, b: string): number {
  const [familyA = '', partA = ''] = split(a);
  const [familyB = '', partB = ''] = split(b);
  return (
    familyRank(familyA) - familyRank(familyB) ||
    (familyA < familyB ? -1 : familyA > familyB ? 1 : 0) ||
    rank(PARTS, partA) - rank(PARTS, partB) ||
    (partA < partB ? -1 : partA > partB ? 1 : 0)
  );
}

function split(role: string): [string, string] {
  const dot = role.indexOf('.');
  return dot < 0 ? [role, ''] : [role.slice(0, dot), role.slice(dot + 1)];
}

/** Unknown families stand between the known ones and the last. */
function familyRank(family: string): number {
  const last = LAST_FAMILIES.indexOf(family);
  return last < 0 ? rank(FAMILIES, family) : FAMILIES.length + 1 + last;
}

function rank(list: readonly string[], item: string): number {
  const at = list.indexOf(item);
  return at < 0 ? list.length : at;
}

function push<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const list = groups.get(key);
  if (list) list.push(value);
  else groups.set(key, [value]);
}

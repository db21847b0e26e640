/** The tensors of a GGUF file under the names, in the shapes and in the order of rows that Hugging Face's files have. */
import type { TensorEntry } from '../../../tensors/entry.ts';
import { elementCount } from '../../../tensors/dtypes.ts';
import type { Architecture } from './gguf-architectures.ts';
import { groupedRows, rotaryRows, type Arrangement, type Order } from './arrangement.ts';

export interface Heads {
  readonly queries: (layer: number) => number | null;
  readonly keys: (layer: number) => number | null;
}

export interface Renamed {
  readonly tensor: TensorEntry;
  /** As the file has it. */
  readonly stored: TensorEntry;
  readonly arrangement: Arrangement;
}

export interface RenamedGguf {
  readonly tensors: readonly Renamed[];
  /** Tensors without a counterpart: computed when a file is converted, or unknown here. */
  readonly left: readonly string[];
}

/** Computed by the converter; Hugging Face's files do not have them. */
const COMPUTED = /^(?:rope_freqs|rope_factors_(?:long|short)|blk\.\d+\.attn_rot_embd)\b/;

export function renameGguf(tensors: readonly TensorEntry[], own: Architecture, heads: Heads): RenamedGguf {
  const names = new Set(tensors.map(({ name }) => name));
  const out: Renamed[] = [];
  const left: string[] = [];
  for (const stored of tensors) {
    const place = placeOf(stored.name, own, names);
    if (place === null) {
      if (!COMPUTED.test(stored.name)) left.push(stored.name);
      continue;
    }
    const shift = own.normPlusOne === true && stored.name.endsWith('norm.weight') ? { shift: -1 } : {};
    const order = orderOf(stored, place, own, heads);
    if (order === null) {
      left.push(stored.name);
      continue;
    }
    const turned = order?.kind === 'transposed' ? { shape: stored.shape.toReversed() } : {};
    const arrangement = { ...shift, ...(order === undefined ? {} : { order }) };
    if (!place.name.includes('*')) {
      out.push({ tensor: { ...stored, ...turned, name: place.name }, stored, arrangement });
      continue;
    }
    const split = experts(stored, place.name);
    if (split === null) left.push(stored.name);
    else for (const tensor of split) out.push({ tensor, stored: tensor, arrangement });
  }
  return { tensors: out, left };
}

interface Place {
  readonly name: string;
  readonly part: string;
  readonly layer: number | null;
}

function placeOf(name: string, own: Architecture, names: ReadonlySet<string>): Place | null {
  const match = /^(?:(enc|dec)\.)?blk\.(\d{1,6})\.([a-z0-9_]+)(?:\.(\d{1,6}))?\.(weight|bias)$/.exec(name);
  if (match === null) {
    const [part, ending] = [name.replace(/\.(?:weight|bias)$/, ''), /[^.]*$/.exec(name)![0]];
    const top = Object.hasOwn(own.top, part) && (ending === 'weight' || ending === 'bias') ? own.top[part]! : null;
    return top === null ? null : { name: `${top}.${ending}`, part, layer: null };
  }
  const [, stack, digits, part, expert, ending] = match as unknown as [
    string,
    string?,
    string?,
    string?,
    string?,
    string?,
  ];
  const layer = Number(digits);
  // Files of 2023 and 2024 have one tensor for each expert.
  const key = expert === undefined ? part! : `${part!}_exps`;
  const parts = own.experts === undefined ? own.parts : { ...own.parts, ...own.experts.parts };
  if (!Object.hasOwn(parts, key)) return null;
  let known = parts[key]!;
  if (expert !== undefined) known = known.replace('*', expert);
  if (known.includes('#')) known = known.replace('#', stack === 'dec' ? '2' : '1');
  const prefix = stack === 'dec' ? own.layers.replace('encoder', 'decoder') : own.layers;
  // Without a gate T5 calls the first matrix differently; Falcon's second norm changes the name of the first.
  const gate = name.replace('ffn_up', 'ffn_gate');
  if (known.endsWith('.wi_1') && !names.has(gate)) known = known.replace('.wi_1', '.wi');
  if (own.modelType === 'falcon' && names.has(`blk.${layer}.attn_norm_2.weight`) && part === 'attn_norm')
    known = 'ln_mlp';
  return { name: `${prefix}${layer}.${known}.${ending!}`, part: part!, layer };
}

/** Undefined: as in Hugging Face's file; null: it should be rearranged and cannot be. */
function orderOf(
  { shape }: TensorEntry,
  { part, layer }: Place,
  own: Architecture,
  heads: Heads,
): Order | null | undefined {
  const rows = shape[0] ?? 0;
  if (own.transposed?.includes(part) === true && shape.length === 2) return { kind: 'transposed' };
  const [queries, keys] = layer === null ? [null, null] : [heads.queries(layer), heads.keys(layer)];
  if (own.rotary === true && (part === 'attn_q' || part === 'attn_k')) {
    const count = part === 'attn_q' ? queries : keys;
    return count === null || count < 1 ? null : rotaryRows(rows, count);
  }
  if (own.grouped === true && part === 'attn_qkv') {
    if (queries === null || queries < 1) return null;
    return groupedRows(rows, queries, own.modelType === 'falcon' ? (keys ?? queries) : queries);
  }
  return undefined;
}

/** Experts of one layer: real models have up to 512. */
const EXPERTS_MAX = 4096;

/** All experts lie behind each other in one tensor. */
function experts(stored: TensorEntry, name: string): TensorEntry[] | null {
  const { shape, storage, byteLength } = stored;
  const [count = 0, ...rest] = shape;
  const each = byteLength / count;
  if (
    shape.length !== 3 ||
    count > EXPERTS_MAX ||
    storage.kind !== 'range' ||
    !Number.isInteger(each) ||
    elementCount(rest) === 0
  )
    return null;
  return Array.from({ length: count }, (_, i) => ({
    ...stored,
    name: name.replace('*', String(i)),
    shape: rest,
    byteLength: each,
    storage: { ...storage, start: storage.start + i * each },
  }));
}

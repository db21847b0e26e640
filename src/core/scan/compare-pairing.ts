/** Which tensor of one model stands for which of the other. Pure: from names, shapes and roles, before anything is read. */
import type { ErrorData } from '../errors.ts';
import { CANONICAL_ROLES, canonicalId, ROLE_TITLES, type RoleMap, type TensorRole } from '../tensors/roles/role.ts';
import { fits, selectedShape, type Selection } from './compare-values.ts';
import { matchComponents } from './compare-components.ts';
import { plainName } from './compare-names.ts';

/** One tensor as pairing sees it. */
export interface Candidate {
  readonly name: string;
  /** Its file. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly role: TensorRole;
  /** Why its numbers cannot be had, when that is known already. */
  readonly unreadable: ErrorData | null;
}

export interface Candidates {
  readonly tensors: readonly Candidate[];
  readonly components: RoleMap['components'];
  /** Containers that keep matrices as [in, out] by custom (ONNX, Keras): turned shapes mean the same there. */
  readonly inOut: boolean;
  /** Rows of one attention head, by tower; undefined where it is not known. */
  headDim(tower: string, role: TensorRole, rows: number): number | undefined;
}

/** One side of a pair: a tensor, or a part of it. */
export interface PairSide {
  /** Place in `Candidates.tensors`. */
  readonly index: number;
  /** Applied one after the other. */
  readonly selections: readonly Selection[];
  /** Of the part. */
  readonly shape: readonly number[];
  readonly part?: string;
  /** Its rows pair up for rotary positions and are put into the other's order, head by head. */
  readonly headDim?: number;
}

export interface Pair {
  readonly a: PairSide | null;
  readonly b: PairSide | null;
  readonly transposed: boolean;
  /** Known without reading; absent: to be compared. */
  readonly relation?: 'other-shape' | 'not-compared';
  readonly reason?: ErrorData;
}

/** Tensors that nothing stands for yet: content may still find a counterpart. */
export interface Pairing {
  readonly pairs: readonly Pair[];
  readonly onlyA: readonly number[];
  readonly onlyB: readonly number[];
}

const NAME_SHOWN = 200;
/** Experts in one layer; the largest real models have some 500. */
const EXPERTS_MAX = 4096;
/** Parts of fused and stacked tensors looked for; 100 layers of 512 experts have 150,000. */
const PARTS_MAX = 1_000_000;

/**
 * In this order, each tensor once: the same name; the same canonical role; the parts of a fused or stacked tensor with
 * those that the other model keeps apart; the same name without what wrappers and containers put around it.
 */
export function pairTensors(a: Candidates, b: Candidates): Pairing {
  const pairing = new Pairer(a, b);
  pairing.byKey(
    (tensor, nth) => `${tensor.name}\0${nth}`,
    (tensor, nth) => `${tensor.name}\0${nth}`,
  );
  const component = matchComponents(a.components, b.components);
  const keyA = (tensor: Candidate): string | null => roleKey(tensor.role, component.a);
  const keyB = (tensor: Candidate): string | null => roleKey(tensor.role, component.b);
  pairing.byKey(keyA, keyB);
  pairing.apart('a', keyA, keyB, component);
  pairing.apart('b', keyA, keyB, component);
  pairing.byKey(
    ({ name }) => plainName(name),
    ({ name }) => plainName(name),
  );
  return pairing.result();
}

type Key = (tensor: Candidate, occurrence: number) => string | null;
type Match = ReturnType<typeof matchComponents>;

class Pairer {
  readonly #sides: { readonly a: Candidates; readonly b: Candidates };
  readonly #left: { readonly a: Set<number>; readonly b: Set<number> };
  readonly #pairs: Pair[] = [];
  #parts = 0;

  constructor(a: Candidates, b: Candidates) {
    this.#sides = { a, b };
    this.#left = { a: new Set(a.tensors.keys()), b: new Set(b.tensors.keys()) };
  }

  byKey(keyA: Key, keyB: Key): void {
    const theirs = this.#unique('b', keyB);
    for (const [key, i] of this.#unique('a', keyA)) {
      const j = theirs.get(key);
      if (j !== undefined) this.#pair(whole(i, this.#sides.a), whole(j, this.#sides.b));
    }
  }

  /** Fused matrices and stacked experts of one side against what the other keeps as tensors of their own. */
  apart(fused: 'a' | 'b', keyA: Key, keyB: Key, components: Match): void {
    const other = fused === 'a' ? 'b' : 'a';
    const theirs = this.#unique(other, other === 'a' ? keyA : keyB);
    for (const i of this.#left[fused]) {
      const tensor = this.#sides[fused].tensors[i]!;
      // Cut off where only a hostile header gets: every tensor of it a stack of experts.
      if (this.#parts > PARTS_MAX) return;
      const parts = partsOf(tensor, components[fused]);
      this.#parts += parts.length;
      const found = parts.flatMap(({ key, ...part }) => {
        const j = theirs.get(key);
        return j === undefined || !this.#left[other].has(j) ? [] : [{ ...part, j }];
      });
      if (found.length === 0) continue;
      for (const { j, title, selections } of found) {
        const side = this.#part(fused, i, selections, title);
        if (side === null) this.#unknown(fused, i, j);
        else if (fused === 'a') this.#pair(side, whole(j, this.#sides.b));
        else this.#pair(whole(j, this.#sides.a), side);
      }
    }
  }

  result(): Pairing {
    return { pairs: this.#pairs, onlyA: [...this.#left.a], onlyB: [...this.#left.b] };
  }

  #part(side: 'a' | 'b', index: number, selections: readonly Selection[] | null, title: string): PairSide | null {
    let { shape } = this.#sides[side].tensors[index]!;
    for (const selection of selections ?? []) {
      if (!fits(shape, selection)) return null;
      shape = selectedShape(shape, selection);
    }
    return selections === null ? null : { index, selections, shape, part: title };
  }

  #unknown(fused: 'a' | 'b', i: number, j: number): void {
    const { name } = this.#sides[fused].tensors[i]!;
    const why = `It is a part of ${name.slice(0, NAME_SHOWN)}, and where in it is not known.`;
    const reason: ErrorData = { code: 'SIGNAL_LAYOUT', detail: { why } };
    const [a, b] = fused === 'a' ? [i, j] : [j, i];
    this.#take(a, b);
    this.#pairs.push({
      a: whole(a, this.#sides.a),
      b: whole(b, this.#sides.b),
      transposed: false,
      relation: 'not-compared',
      reason,
    });
  }

  #take(a: number, b: number): void {
    this.#left.a.delete(a);
    this.#left.b.delete(b);
  }

  #pair(a: PairSide, b: PairSide): void {
    this.#take(a.index, b.index);
    const [left, right] = [this.#sides.a.tensors[a.index]!, this.#sides.b.tensors[b.index]!];
    const reason = left.unreadable ?? right.unreadable;
    if (reason !== null) {
      this.#pairs.push({ a, b, transposed: false, relation: 'not-compared', reason });
      return;
    }
    const customs = this.#sides.a.inOut !== this.#sides.b.inOut;
    const turned = orientation(a.shape, b.shape, left.role.transposed !== right.role.transposed, customs);
    if (turned === null) this.#pairs.push({ a, b, transposed: false, relation: 'other-shape' });
    else this.#pairs.push(this.#inOneOrder(a, b, turned));
  }

  /** Rows of queries and keys in the same order on both sides. */
  #inOneOrder(a: PairSide, b: PairSide, transposed: boolean): Pair {
    const [left, right] = [this.#sides.a.tensors[a.index]!.role, this.#sides.b.tensors[b.index]!.role];
    if (left.rotaryPairs === right.rotaryPairs) return { a, b, transposed };
    const side = left.rotaryPairs ? 'a' : 'b';
    const role = left.rotaryPairs ? left : right;
    const shape = (left.rotaryPairs ? a : b).shape;
    const { components, headDim } = this.#sides[side];
    const other = this.#sides[side === 'a' ? 'b' : 'a'];
    const rows = shape[0] ?? 0;
    const tower = components[role.component ?? 0]?.tower ?? 'text';
    const dim = headDim(tower, role, rows) ?? other.headDim(tower, role, rows);
    if (dim === undefined || dim % 2 !== 0 || rows % dim !== 0 || transposed) {
      const why = 'The rows of its attention heads are in another order, and how long a head is is not known.';
      return { a, b, transposed, relation: 'not-compared', reason: { code: 'SIGNAL_LAYOUT', detail: { why } } };
    }
    return side === 'a' ? { a: { ...a, headDim: dim }, b, transposed } : { a, b: { ...b, headDim: dim }, transposed };
  }

  /** What is left of a side by key; keys that occur twice say nothing. */
  #unique(side: 'a' | 'b', key: Key): Map<string, number> {
    const { tensors } = this.#sides[side];
    const found = new Map<string, number>();
    const twice = new Set<string>();
    const occurrences = new Map<string, number>();
    for (const i of this.#left[side]) {
      const tensor = tensors[i]!;
      const nth = occurrences.get(tensor.name) ?? 0;
      occurrences.set(tensor.name, nth + 1);
      const text = key(tensor, nth);
      if (text === null) continue;
      if (found.has(text)) twice.add(text);
      else found.set(text, i);
    }
    for (const text of twice) found.delete(text);
    return found;
  }
}

function whole(index: number, { tensors }: Candidates): PairSide {
  return { index, selections: [], shape: tensors[index]!.shape };
}

/**
 * Whether one matrix is stored turned: false, true, or null when they cannot be laid over each other.
 *
 * @param marked exactly one of them is known to be stored as [in, out]
 * @param customs exactly one of the containers keeps matrices so
 */
export function orientation(
  a: readonly number[],
  b: readonly number[],
  marked: boolean,
  customs: boolean,
): boolean | null {
  const [x, y] = [squeezed(a), squeezed(b)];
  const same = x.length === y.length && x.every((n, d) => n === y[d]);
  const turned = x.length === 2 && y.length === 2 && x[0] === y[1] && x[1] === y[0];
  // A square matrix looks the same either way: only what is known of its role tells.
  if (same && turned) return marked;
  if (same) return false;
  return turned && (marked || customs) ? true : null;
}

/** Without dimensions of one. */
export function squeezed(shape: readonly number[]): readonly number[] {
  return shape.filter((n) => n !== 1);
}

function roleKey(role: TensorRole, components: ReadonlyMap<number, number>): string | null {
  if (!CANONICAL_ROLES.has(role.role) || role.by === 'shape' || role.expert === 'all') return null;
  const place = role.component === null ? -1 : components.get(role.component);
  return place === undefined ? null : `${place}\0${role.parameter}\0${canonicalId(role)}`;
}

interface Part {
  readonly key: string;
  readonly title: string;
  /** Null: the part is there, but where is not known. */
  readonly selections: readonly Selection[] | null;
}

const FUSED: Partial<Record<TensorRole['role'], readonly TensorRole['role'][]>> = {
  qkv: ['q', 'k', 'v'],
  kv: ['k', 'v'],
  xqkv: ['xq', 'xk', 'xv'],
  xkv: ['xk', 'xv'],
  gate_up: ['gate', 'up'],
};

/** The tensors that a fused or stacked one holds, by the keys they would have alone. */
function partsOf({ role, shape }: Candidate, components: ReadonlyMap<number, number>): readonly Part[] {
  const roles = FUSED[role.role];
  const stacked = role.expert === 'all';
  if (roles === undefined && !stacked) return [];
  const experts = stacked ? Array.from({ length: Math.min(shape[0] ?? 0, EXPERTS_MAX) }, (_, e) => e) : [null];
  return experts.flatMap((expert) => {
    const one: readonly Selection[] =
      expert === null ? [] : [{ axis: 0, start: expert, length: 1, every: 1, count: 1 }];
    return (roles ?? [role.role]).flatMap((code): readonly Part[] => {
      const alone: TensorRole = { ...role, role: code, ...(expert === null ? {} : { expert }) };
      const key = roleKey(alone, components);
      if (key === null) return [];
      const title = ROLE_TITLES[code].replace(/^.*[.]/, '') + (expert === null ? '' : ` of expert ${expert}`);
      if (roles === undefined) return [{ key, title, selections: one }];
      const part = role.parts?.find((p) => p.role === code);
      return [{ key, title, selections: part === undefined ? null : [...one, part] }];
    });
  });
}

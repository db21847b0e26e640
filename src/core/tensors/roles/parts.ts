/** What of a fused tensor is whose: rows or columns, from its layout, its shape and the head counts. */
import type { RoleRow } from './family.ts';
import type { FusedPart, HeadCounts, RoleCode } from './role.ts';

/** Where the output dimension of a stored matrix is, and how long it and the input dimension are. */
export interface Orientation {
  readonly axis: number;
  readonly outputs: number;
  /** Absent for a bias. */
  readonly inputs?: number;
}

const CROSS: Readonly<Partial<Record<RoleCode, readonly [RoleCode, RoleCode, RoleCode]>>> = {
  qkv: ['q', 'k', 'v'],
  xqkv: ['xq', 'xk', 'xv'],
};

/**
 * Parts that fill the output dimension exactly; undefined when that takes head counts that are not known, or those known
 * do not fit.
 */
export function fusedParts(
  { role, layout }: RoleRow,
  { axis, outputs, inputs }: Orientation,
  heads: HeadCounts | undefined,
): readonly FusedPart[] | undefined {
  if (layout === undefined || outputs === 0) return undefined;
  const part = (of: RoleCode, start: number, length: number, every = outputs, count = 1): FusedPart => ({
    role: of,
    axis,
    start,
    length,
    every,
    count,
  });
  if (role === 'gate_up') {
    const half = outputs / 2;
    if (!Number.isInteger(half)) return undefined;
    if (layout === 'interleaved') return [part('gate', 0, 1, 2, half), part('up', 1, 1, 2, half)];
    const names: readonly RoleCode[] = layout === 'swapped' ? ['up', 'gate'] : ['gate', 'up'];
    return names.map((name, i) => part(name, i * half, half));
  }
  if (role === 'kv' || role === 'xkv') {
    const names: readonly RoleCode[] = role === 'kv' ? ['k', 'v'] : ['xk', 'xv'];
    const half = outputs / 2;
    return Number.isInteger(half) ? names.map((name, i) => part(name, i * half, half)) : undefined;
  }
  const names = CROSS[role];
  if (names === undefined) return undefined;
  const [q, k, v] = names;
  if (layout === 'codegen') {
    const one = outputs / 12;
    if (!Number.isInteger(one)) return undefined;
    return [part(q, 0, one, 3 * one, 4), part(v, one, one, 3 * one, 4), part(k, 2 * one, one, 3 * one, 4)];
  }
  const third = outputs / 3;
  if (heads === undefined) {
    // Without head counts only one reading is left: as many values out of each third as go in.
    const equal = layout === 'concat' && Number.isInteger(third) && (inputs === undefined || inputs === third);
    return equal && inputs !== undefined ? [q, k, v].map((name, i) => part(name, i * third, third)) : undefined;
  }
  const { heads: h, kvHeads: kv } = heads;
  const hd = outputs / (h + 2 * kv);
  if (!(h > 0 && kv > 0) || !Number.isInteger(hd)) return undefined;
  const kind = layout === 'falcon' ? (kv === 1 ? 'concat' : kv === h ? 'heads' : 'groups') : layout;
  if (kind === 'concat') return [part(q, 0, h * hd), part(k, h * hd, kv * hd), part(v, (h + kv) * hd, kv * hd)];
  // One head's q, k, v is a group of one.
  const per = h / kv;
  if (!Number.isInteger(per) || (kind === 'heads' && per !== 1)) return undefined;
  const every = (per + 2) * hd;
  return [part(q, 0, per * hd, every, kv), part(k, per * hd, hd, every, kv), part(v, (per + 1) * hd, hd, every, kv)];
}

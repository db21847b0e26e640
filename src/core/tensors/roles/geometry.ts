/** What shapes add to names: which way a matrix lies, and what a stack of layers is as a whole. */
import type { RoleRow } from './family.ts';
import type { ParsedName } from './name.ts';
import type { Orientation } from './parts.ts';
import type { NamedTensor, RoleCode, TensorRole } from './role.ts';

/** A tensor of a stack with the role that its name gives it. */
export interface NamedRow {
  readonly tensor: NamedTensor;
  readonly parsed: ParsedName | undefined;
  row: RoleRow;
}

/** What shapes say of a stack as a whole. */
export interface Geometry {
  /** Length of its first norm: what goes through it from layer to layer. */
  readonly width?: number;
  /** Its matrices lie as [in, out] (Conv1D): by the shape of `c_fc`, which the others of the stack follow. */
  readonly conv1d?: boolean;
}

export function geometryOf(own: readonly NamedRow[], architecture: string): Geometry {
  const norm = own.find(
    ({ row, tensor }) =>
      (row.role === 'g_attn' || row.role === 'p_attn' || row.role === 'g_ffn') && tensor.shape.length === 1,
  );
  const width = norm?.tensor.shape[0];
  if (width === undefined) return {};
  const fc = own.find(({ parsed, tensor }) => parsed!.key === 'mlp.c_fc' && tensor.shape.length === 2);
  if (fc === undefined) return { width };
  const [rows, columns] = fc.tensor.shape;
  const conv1d = rows === columns ? architecture.startsWith('gpt2') : rows === width;
  return { width, conv1d };
}

/** Stored as [in, out], as far as that is certain. */
export function isTransposed(
  row: Pick<RoleRow, 'role' | 'transposed'> & Pick<TensorRole, 'expert'>,
  parsed: ParsedName | undefined,
  shape: readonly number[],
  { width, conv1d }: Geometry,
  architecture: string,
): boolean {
  if (parsed?.parameter === 'bias') return false;
  if (parsed?.inOut === true) return shape.length === 2;
  if (row.transposed === undefined && row.expert !== 'all') return false;
  const [inputs, outputs] = shape.slice(-2);
  if (shape.length < 2 || width === undefined) return false;
  if (row.expert === 'all') {
    // Stacked experts are [E, out, in] or [E, in, out]: the shape says which, where it can.
    if (shape.length !== 3 || inputs === outputs) return false;
    return row.role === 'down' ? outputs === width : inputs === width;
  }
  if (conv1d !== undefined) return conv1d;
  const narrowIn = row.role === 'down' ? outputs === width : inputs === width;
  if (inputs === outputs) return architecture.startsWith('gpt2');
  return row.transposed === true || narrowIn;
}

/** Where the output dimension of a stored tensor is. */
export function orientationOf(
  shape: readonly number[],
  expert: TensorRole['expert'],
  transposed: boolean,
): Orientation {
  const last = shape.length - 1;
  if (shape.length === 1 || (expert === 'all' && shape.length === 2)) return { axis: last, outputs: shape[last] ?? 0 };
  const axis = transposed ? last : last - 1;
  return { axis: Math.max(axis, 0), outputs: shape[axis] ?? 0, inputs: shape[transposed ? last - 1 : last] ?? 0 };
}

/** Names of an `up` that is gate and up in one where it is twice as wide as `down` takes (ChatGLM, Phi-3 and GLM-4 in GGUF). */
const MAYBE_FUSED: ReadonlySet<string> = new Set(['mlp.dense_h_to_4h', 'ffn_up']);

/** Changes the rows of such names. */
export function judgeFused(own: readonly NamedRow[]): void {
  if (own.some(({ row }) => row.role === 'gate')) return;
  const matrix = (role: RoleCode): NamedRow | undefined =>
    own.find(
      ({ row, parsed, tensor }) => row.role === role && parsed?.parameter === 'weight' && tensor.shape.length === 2,
    );
  const [up, down] = [matrix('up'), matrix('down')];
  if (up === undefined || down === undefined || !MAYBE_FUSED.has(up.parsed!.key)) return;
  if (up.tensor.shape[0] !== 2 * down.tensor.shape[1]!) return;
  for (const draft of own) {
    if (draft.row.role === 'up' && MAYBE_FUSED.has(draft.parsed!.key))
      draft.row = { role: 'gate_up', layout: 'concat' };
  }
}

/** Roles of matrices that have lost their names, guessed from the order in which a graph takes them and from their shapes. */
import type { NamedTensor, RoleCode } from './role.ts';

/** A matrix [in, out] as a graph multiplies by it, and where it was in the list of tensors. */
interface Step {
  readonly index: number;
  readonly inputs: number;
  readonly outputs: number;
}

export interface Guess {
  readonly index: number;
  readonly role: RoleCode;
  readonly layer: number;
}

/** Fewer layers than this could be chance. */
const LAYERS_LEAST = 2;

/** One layer: which sizes its matrices have, in the order PyTorch runs them. `d` is the width of the model. */
interface Pattern {
  readonly roles: readonly RoleCode[];
  fits(steps: readonly Step[], d: number): boolean;
}

const size = ({ inputs, outputs }: Step, from: number, to: number): boolean => inputs === from && outputs === to;

function attention(steps: readonly Step[], d: number): boolean {
  const [q, k, v, o] = steps as [Step, Step, Step, Step];
  const kv = size(k, d, v.outputs) && size(v, d, k.outputs) && k.outputs <= q.outputs && q.outputs % k.outputs === 0;
  return kv && q.inputs === d && size(o, q.outputs, d);
}

const PATTERNS: readonly Pattern[] = [
  {
    roles: ['q', 'k', 'v', 'o', 'gate', 'up', 'down'],
    fits: (steps, d) => {
      const [gate, up, down] = steps.slice(4) as [Step, Step, Step];
      return attention(steps, d) && wide(gate, d) && size(up, d, gate.outputs) && size(down, gate.outputs, d);
    },
  },
  {
    roles: ['q', 'k', 'v', 'o', 'up', 'down'],
    fits: (steps, d) => {
      const [up, down] = steps.slice(4) as [Step, Step];
      return attention(steps, d) && wide(up, d) && size(down, up.outputs, d);
    },
  },
  {
    roles: ['qkv', 'o', 'up', 'down'],
    fits: (steps, d) => {
      const [qkv, o, up, down] = steps as [Step, Step, Step, Step];
      return size(qkv, d, 3 * d) && size(o, d, d) && wide(up, d) && size(down, up.outputs, d);
    },
  },
];

const wide = (step: Step, d: number): boolean => step.inputs === d && step.outputs > d;

/**
 * Finds runs of at least two layers of one pattern. Only matrices of a graph that nothing else is known of are looked at;
 * what does not fit stays unknown. The order of q, k and v is PyTorch's custom, not something shapes could show.
 *
 * @param unknown places in `tensors` without a role
 */
export function guessRoles(tensors: readonly NamedTensor[], unknown: readonly number[]): readonly Guess[] {
  const steps = unknown
    .map((index) => ({ index, tensor: tensors[index]! }))
    .filter(({ tensor }) => isFactor(tensor))
    .sort((a, b) => a.tensor.origin!.use!.order - b.tensor.origin!.use!.order)
    .map(({ index, tensor }): Step => {
      const [a = 0, b = 0] = tensor.shape;
      return tensor.origin!.use!.transB ? { index, inputs: b, outputs: a } : { index, inputs: a, outputs: b };
    });
  const guesses: Guess[] = [];
  let layer = 0;
  for (let at = 0; at < steps.length;) {
    const run = longestRun(steps, at);
    if (run === undefined) {
      at += 1;
      continue;
    }
    const { roles, layers } = run;
    for (let i = 0; i < roles.length * layers; i++) {
      const role = roles[i % roles.length]!;
      guesses.push({ index: steps[at + i]!.index, role, layer: layer + Math.floor(i / roles.length) });
    }
    layer += layers;
    at += roles.length * layers;
  }
  return guesses;
}

function isFactor({ shape, origin }: NamedTensor): boolean {
  const use = origin?.use;
  return shape.length === 2 && use !== undefined && use.input === 1 && /^(?:MatMul|Gemm$)/.test(use.operator);
}

function longestRun(steps: readonly Step[], at: number): { roles: readonly RoleCode[]; layers: number } | undefined {
  const d = steps[at]!.inputs;
  for (const { roles, fits } of PATTERNS) {
    let layers = 0;
    for (let next = at; next + roles.length <= steps.length; next += roles.length) {
      if (!fits(steps.slice(next, next + roles.length), d)) break;
      layers += 1;
    }
    if (layers >= LAYERS_LEAST) return { roles, layers };
  }
  return undefined;
}

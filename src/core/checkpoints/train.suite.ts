/** For tests and bench/checkpoints.mjs: real training of a small network, with a fixed seed, and ways to forge its checkpoints. */

/** Tensors of one checkpoint, by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

export interface Setting {
  readonly seed: number;
  readonly optimizer: 'sgd' | 'adam' | 'adamw';
  readonly rate: number;
  readonly schedule: 'constant' | 'cosine' | 'linear';
  readonly warmup: number;
  readonly steps: number;
  readonly every: number;
  readonly batch: number;
  /** Standard deviation added to the targets: keeps gradients noisy to the end. */
  readonly labelNoise: number;
  readonly decay: number;
  /** Weights are rounded to bfloat16 after each step, as when they are trained in it. */
  readonly coarse?: boolean;
}

/** Inputs, hidden units, outputs: 1,208 weights. */
const [INPUTS, HIDDEN, OUTPUTS] = [16, 48, 8];
export const SHAPES: Readonly<Record<string, readonly number[]>> = {
  'layers.0.weight': [HIDDEN, INPUTS],
  'layers.0.bias': [HIDDEN],
  'layers.1.weight': [OUTPUTS, HIDDEN],
  'layers.1.bias': [OUTPUTS],
};

/** Mulberry32: small, seeded, good enough to train with. */
export function random(seed: number): () => number {
  let state = Math.imul(seed + 1, 2654435761);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function gauss(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** As PyTorch fills `nn.Linear`: even within ± 1/√inputs. */
export function initialise(seed: number): Map<string, Float32Array> {
  const next = random(seed);
  return new Map(
    Object.entries(SHAPES).map(([name, shape]) => {
      const bound = 1 / Math.sqrt(name.startsWith('layers.0') ? INPUTS : HIDDEN);
      return [name, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => (2 * next() - 1) * bound)];
    }),
  );
}

/** The rate of a step, as the recipe of the run states it. */
export function rateOf({ rate, schedule, warmup, steps }: Setting, step: number): number {
  if (step < warmup) return (rate * (step + 1)) / warmup;
  const share = (step - warmup) / Math.max(1, steps - warmup);
  if (schedule === 'cosine') return rate * (0.05 + (0.95 * (1 + Math.cos(Math.PI * share))) / 2);
  return schedule === 'linear' ? rate * (1 - 0.95 * share) : rate;
}

export const MOMENTUM = 0.9;

/** The checkpoints of a run: before the first step and after each `every`. */
export function train(setting: Setting): Weights[] {
  const { seed, optimizer, steps, every, batch, labelNoise, decay, coarse = false } = setting;
  const weights = initialise(seed);
  const teacher = initialise(seed + 1_000_003);
  const normal = gauss(random(seed + 77));
  const slots = new Map(
    [...weights].map(([name, w]) => [name, { m: new Float64Array(w.length), v: new Float64Array(w.length) }]),
  );
  const kept: Weights[] = [copy(weights)];
  for (let step = 0; step < steps; step++) {
    const gradient = gradients(weights, teacher, batch, labelNoise, normal);
    const rate = rateOf(setting, step);
    for (const [name, w] of weights) {
      const g = gradient.get(name)!;
      const { m, v } = slots.get(name)!;
      for (let i = 0; i < w.length; i++) {
        if (optimizer === 'sgd') {
          m[i] = MOMENTUM * m[i]! + g[i]! + decay * w[i]!;
          w[i] = w[i]! - rate * m[i]!;
        } else {
          const own = optimizer === 'adam' ? g[i]! + decay * w[i]! : g[i]!;
          m[i] = 0.9 * m[i]! + 0.1 * own;
          v[i] = 0.999 * v[i]! + 0.001 * own * own;
          const update = m[i]! / (1 - 0.9 ** (step + 1)) / (Math.sqrt(v[i]! / (1 - 0.999 ** (step + 1))) + 1e-8);
          w[i] = w[i]! - rate * update - (optimizer === 'adamw' ? rate * decay * w[i]! : 0);
        }
      }
      if (coarse) w.set(bfloat(w));
    }
    if ((step + 1) % every === 0) kept.push(copy(weights));
  }
  return kept;
}

function gradients(
  weights: Weights,
  teacher: Weights,
  batch: number,
  labelNoise: number,
  normal: () => number,
): Map<string, Float64Array> {
  const out = new Map([...weights].map(([name, w]) => [name, new Float64Array(w.length)]));
  const [w0, b0, w1, b1] = [...weights.values()];
  const [g0, c0, g1, c1] = [...out.values()];
  for (let n = 0; n < batch; n++) {
    const x = Float64Array.from({ length: INPUTS }, normal);
    const target = forward([...teacher.values()], x).y;
    const { hidden, y } = forward([w0!, b0!, w1!, b1!], x);
    const back = new Float64Array(HIDDEN);
    for (let o = 0; o < OUTPUTS; o++) {
      const error = (y[o]! - target[o]! - labelNoise * normal()) / batch;
      c1![o]! += error;
      for (let h = 0; h < HIDDEN; h++) {
        g1![o * HIDDEN + h]! += error * hidden[h]!;
        back[h]! += error * w1![o * HIDDEN + h]!;
      }
    }
    for (let h = 0; h < HIDDEN; h++) {
      const slope = back[h]! * (1 - hidden[h]! ** 2);
      c0![h]! += slope;
      for (let i = 0; i < INPUTS; i++) g0![h * INPUTS + i]! += slope * x[i]!;
    }
  }
  return out;
}

function forward(
  [w0, b0, w1, b1]: readonly Float32Array[],
  x: Float64Array,
): { hidden: Float64Array; y: Float64Array } {
  const hidden = new Float64Array(HIDDEN);
  for (let h = 0; h < HIDDEN; h++) {
    let sum = b0![h]!;
    for (let i = 0; i < INPUTS; i++) sum += w0![h * INPUTS + i]! * x[i]!;
    hidden[h] = Math.tanh(sum);
  }
  const y = new Float64Array(OUTPUTS);
  for (let o = 0; o < OUTPUTS; o++) {
    let sum = b1![o]!;
    for (let h = 0; h < HIDDEN; h++) sum += w1![o * HIDDEN + h]! * hidden[h]!;
    y[o] = sum;
  }
  return { hidden, y };
}

function copy(weights: Weights): Weights {
  return new Map([...weights].map(([name, w]) => [name, w.slice()]));
}

/** Rounded to bfloat16, to nearest and to even. */
export function bfloat(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.slice().buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = (bits[i]! + 0x7fff + ((bits[i]! >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(bits.buffer);
}

export function mapWeights(weights: Weights, change: (values: Float32Array, name: string) => Float32Array): Weights {
  return new Map([...weights].map(([name, values]) => [name, change(values, name)]));
}

/** Points on the straight line between two checkpoints, evenly or at the shares that are given. */
export function interpolated(first: Weights, last: Weights, shares: readonly number[]): Weights[] {
  return shares.map((share) =>
    mapWeights(first, (values, name) => values.map((x, i) => x + share * (last.get(name)![i]! - x))),
  );
}

/** A walk of independent noise whose steps are as long, tensor by tensor, as those of a real run. */
export function noiseWalk(run: readonly Weights[], seed: number): Weights[] {
  const normal = gauss(random(seed));
  const out = [run[0]!];
  for (let i = 1; i < run.length; i++) {
    out.push(
      mapWeights(out[i - 1]!, (values, name) => {
        const [before, after] = [run[i - 1]!.get(name)!, run[i]!.get(name)!];
        const size = Math.sqrt(before.reduce((sum, x, k) => sum + (after[k]! - x) ** 2, 0) / before.length);
        return values.map((x) => x + size * normal());
      }),
    );
  }
  return out;
}

/** The line from the first to the last with noise around it that is as long as the real run. */
export function noisyLine(run: readonly Weights[], seed: number): Weights[] {
  const walk = noiseWalk(run, seed);
  const m = run.length - 1;
  return run.map((_, i) =>
    mapWeights(run[0]!, (first, name) => {
      const [last, here, end] = [run[m]!.get(name)!, walk[i]!.get(name)!, walk[m]!.get(name)!];
      return first.map((x, k) => x + (i / m) * (last[k]! - x) + (here[k]! - x) - (i / m) * (end[k]! - x));
    }),
  );
}

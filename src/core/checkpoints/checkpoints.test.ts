import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamStep, reachOf } from './bound.ts';
import { erf } from './erf.ts';
import { ksChance, Sample, testInit } from './init-test.ts';
import { measured, totalOf } from './measure.suite.ts';
import { orderAsGiven, orderByName } from './order.ts';
import { matcherOf } from './pattern.ts';
import { parseRecipe } from './recipe.ts';
import { parseSchedule, rateAt, rateSum } from './schedule.ts';
import { roundingShare } from './rounding.ts';
import { addSums, emptySums, TensorSums } from './sums.ts';
import { bfloat, gauss, initialise, interpolated, mapWeights, random, SHAPES, train } from './train.suite.ts';
import { trajectoryOf } from './trajectory.ts';

describe('how far an optimiser can move a weight', () => {
  it('is beyond what the paper states for Adam, and gradients that grow step by step reach it', () => {
    const [worst, paper] = adamStep([0.9, 0.999], 100_000);
    expect(paper).toBeCloseTo(3.1623, 4);
    expect(worst).toBeCloseTo(7.27, 2);
    // The sequence for which Cauchy and Schwarz's inequality is an equality.
    let [m, v] = [0, 0];
    const steps = 6000;
    for (let t = 1; t <= steps; t++) {
      const g = (0.999 / 0.9) ** (t - steps);
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
    }
    const reached = m / (1 - 0.9 ** steps) / Math.sqrt(v / (1 - 0.999 ** steps));
    expect(reached).toBeGreaterThan(2 * paper);
    expect(reached).toBeLessThan(worst);
  });

  it('is never exceeded by Adam, whatever the gradients and betas', () => {
    const beta = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 0.9999, noNaN: true }));
    // Squares of smaller ones lose digits; Adam's ε hides them.
    const gradient = fc.oneof(
      fc.constant(0),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      fc.double({ min: -1e6, max: -1e-6, noNaN: true }),
    );
    const gradientLists = fc.array(gradient, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(beta, beta, gradientLists, (b1, b2, gradients) => {
        const [worst] = adamStep([b1, b2], gradients.length);
        let [m, v] = [0, 0];
        for (const [i, g] of gradients.entries()) {
          m = b1 * m + (1 - b1) * g;
          v = b2 * v + (1 - b2) * g * g;
          const update = m / (1 - b1 ** (i + 1)) / Math.sqrt(v / (1 - b2 ** (i + 1)));
          if (Number.isFinite(update)) expect(Math.abs(update)).toBeLessThanOrEqual(worst * (1 + 1e-6));
        }
      }),
    );
  });

  it('with decay grows with the weight, and is not bounded for plain SGD', () => {
    const segment = { rates: 0.1, stepsSoFar: 100, peak: 10, norm: 50 };
    const reach = (fields: object): number => {
      const found = reachOf(parseRecipe(JSON.stringify(fields)), segment);
      return typeof found === 'string' ? NaN : found.possible;
    };
    expect(reach({ optimizer: 'lion' })).toBeCloseTo(0.1, 12);
    expect(reach({ optimizer: 'lion', weight_decay: 1 })).toBeCloseTo(0.1 * (1 + 10.1), 12);
    expect(reach({ optimizer: 'sgd' })).toBeNaN();
    expect(reach({ optimizer: 'sgd', max_grad_norm: 1, momentum: 0.9 })).toBeCloseTo(1, 12);
  });
});

describe('schedules', () => {
  it('sum what every step has, and never less where steps are taken together', () => {
    const cosine = parseSchedule({ schedule: 'cosine', peak: 1e-3, warmup_steps: 100, total_steps: 1000, final: 1e-4 });
    let sum = 0;
    for (let step = 50; step < 900; step++) sum += rateAt(cosine, step);
    expect(rateSum(cosine, 50, 900)).toBeCloseTo(sum, 12);
    expect(rateAt(cosine, 0)).toBeCloseTo(1e-5, 15);
    expect(rateAt(cosine, 5000)).toBeCloseTo(1e-4, 15);
    const points = parseSchedule([
      [0, 0],
      [1_000_000, 1],
      [3_000_000, 0],
    ]);
    // 1,500,000 without the coarseness of the parts; a tenth of a per mille more with it.
    expect(rateSum(points, 0, 3_000_000) / 1_500_000).toBeGreaterThanOrEqual(1);
    expect(rateSum(points, 0, 3_000_000) / 1_500_000).toBeLessThan(1.0001);
  });

  it.each([
    ['{"frozen":"a"}'],
    ['{"learning_rate":[[5,1],[5,2]]}'],
    ['{"learning_rate":-1}'],
    ['{"betas":[0.9]}'],
    ['{"betas":[0.9,1]}'],
    ['{"betas":[0.9,1e-300]}'],
    ['{"init":[{"tensors":"a","distribution":"normal"}]}'],
    ['{"init":[{"tensors":"a","distribution":"gamma"}]}'],
    ['{"steps":[0.5]}'],
    ['{"optimizer":"adafactor"}'],
    ['[]'],
    ['{'],
  ])('a recipe like %s is refused', (text) => {
    expect(() => parseRecipe(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('order', () => {
  it.each<[readonly string[], string, readonly number[]]>([
    [['step1000', 'step200', 'step30'], 'steps', [2, 1, 0]],
    [['run/checkpoint-1500', 'run/checkpoint-500'], 'steps', [1, 0]],
    [['epoch_10.pt', 'epoch_9.pt'], 'numbers', [1, 0]],
    [['org/name@step2', 'org/name@step1', 'org/name@step10'], 'steps', [1, 0, 2]],
    [['epoch1-step20', 'epoch1-step10'], 'steps', [1, 0]],
    [['model_7.npz', 'model_11.npz'], 'numbers', [0, 1]],
    [['ckpt_5-00001-of-00002.safetensors', 'ckpt_40-00001-of-00002.safetensors'], 'steps', [0, 1]],
    [['b', 'a'], 'none', [0, 1]],
    [['v1-b2', 'v2-b1'], 'none', [0, 1]],
    [['step5', 'step5-ema'], 'none', [0, 1]],
  ])('of %j is found by %s', (names, by, places) => {
    expect(orderByName(names)).toMatchObject({ by, places });
  });

  it('by a person names each once', () => {
    expect(orderAsGiven(['a', 'b'], ['b', 'a'])).toMatchObject({ by: 'given', places: [1, 0] });
    for (const order of [['a'], ['a', 'a'], ['a', 'c'], ['a', 'b', 'b']])
      expect(orderAsGiven(['a', 'b'], order)).toBeNull();
  });

  it('patterns mean names and what is below them, and take no exponential time', () => {
    expect(matcherOf('model.embed')('model.embed.weight')).toBe(true);
    expect(matcherOf('model.embed')('model.embedding')).toBe(false);
    expect(matcherOf('layers.*.bias')('layers.12.mlp.bias')).toBe(true);
    expect(matcherOf('a*a')('a')).toBe(false);
    expect(matcherOf('*a'.repeat(500))('a'.repeat(5000))).toBe(true);
    expect(matcherOf(`${'*a'.repeat(500)}b`)('a'.repeat(5000))).toBe(false);
  });
});

describe('initialisation', () => {
  it('is recognised where it is what is stated, at the stated chance of error', () => {
    const rule = { tensors: '*', distribution: 'kaiming_uniform', a: Math.sqrt(5) } as const;
    let flagged = 0;
    for (let seed = 0; seed < 300; seed++) {
      const values = initialise(seed).get('layers.0.weight')!;
      const sample = new Sample(values.length);
      sample.add(values, 0, values.length);
      if (testInit(sample.sorted(), rule, SHAPES['layers.0.weight']!)!.chance < 0.01) flagged++;
    }
    // Three of 300 are expected; ten would come by chance once in a thousand times.
    expect(flagged).toBeLessThan(10);
  });

  it('is refused where deviation, shape or constant is another one', () => {
    const normal = gauss(random(1));
    const values = Float64Array.from({ length: 4000 }, () => 0.02 * normal()).sort();
    const chance = (rule: object): number =>
      testInit(values, { tensors: '*', distribution: 'normal', ...rule }, [40, 100])!.chance;
    expect(chance({ std: 0.02 })).toBeGreaterThan(0.01);
    expect(chance({ std: 0.022 })).toBeLessThan(0.01);
    expect(chance({ distribution: 'uniform', bound: 0.035 })).toBeLessThan(1e-6);
    expect(chance({ distribution: 'xavier_normal', gain: 1 })).toBeLessThan(1e-6);
    expect(chance({ distribution: 'constant', value: 1 })).toBe(0);
  });

  it('has the error function and the distribution of Kolmogorov as tables give them', () => {
    // Abramowitz & Stegun, table 7.1; critical values of Smirnov (1948): 1.36 at 5 %, 1.63 at 1 %.
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
    expect(erf(2)).toBeCloseTo(0.995322265, 9);
    expect(erf(3.5)).toBeCloseTo(0.999999256901628, 14);
    expect(erf(-1)).toBeCloseTo(-0.8427007929, 10);
    expect(ksChance(1.3581 / 1000, 1_000_000)).toBeCloseTo(0.05, 3);
    expect(ksChance(1.6276 / 1000, 1_000_000)).toBeCloseTo(0.01, 3);
  });
});

describe('sums', () => {
  it('do not depend on how the numbers were cut, and count what is not finite apart', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.float(), fc.float(), fc.float()), { minLength: 1, maxLength: 60 }),
        fc.nat(59),
        (triples, cut) => {
          const rows = [0, 1, 2].map((k) => Float32Array.from(triples, (triple) => triple[k as 0]!));
          const whole = new TensorSums(3);
          whole.add(rows, [0, 0, 0], triples.length);
          const at = Math.min(cut, triples.length);
          const parts = new TensorSums(3);
          parts.add(rows, [0, 0, 0], at);
          parts.add(rows, [at, at, at], triples.length - at);
          const [a, b] = [whole.result([0, 0, 0]), parts.result([0, 0, 0])];
          expect([a.values, a.notFinite, [...a.changed]]).toEqual([b.values, b.notFinite, [...b.changed]]);
          expect(a.values + a.notFinite).toBe(triples.length);
          for (const key of ['square', 'l1', 'l2', 'turn'] as const) {
            a[key].forEach((x, i) => expect(Math.abs(x - b[key][i]!)).toBeLessThanOrEqual(1e-9 * Math.abs(x) + 1e-300));
          }
        },
      ),
    );
  });

  it('of bfloat16 predict how far rounding moves a checkpoint off a line', () => {
    const run = train({
      seed: 1,
      optimizer: 'sgd',
      rate: 0.05,
      schedule: 'constant',
      warmup: 0,
      steps: 120,
      every: 60,
      batch: 8,
      labelNoise: 0.1,
      decay: 0,
    });
    const line = interpolated(run[0]!, run[2]!, [0, 0.5, 1]).map((weights) => mapWeights(weights, bfloat));
    const [turn] = trajectoryOf(totalOf(measured(line, 'BF16'))).turns;
    expect(turn!.residual! / turn!.rounding!).toBeGreaterThan(0.9);
    expect(turn!.residual! / turn!.rounding!).toBeLessThan(1.1);
    expect(roundingShare('Q4_K')).toBeNull();
  });

  it('of parts add up to those of the whole, largest ones as largest', () => {
    const tensors = measured(
      train({
        seed: 2,
        optimizer: 'adam',
        rate: 1e-3,
        schedule: 'constant',
        warmup: 0,
        steps: 20,
        every: 5,
        batch: 4,
        labelNoise: 0,
        decay: 0,
      }),
    );
    const total = totalOf(tensors);
    expect(total.linf[0]).toBe(Math.max(...tensors.map(({ sums }) => sums!.linf[0]!)));
    expect(total.l2[1]).toBeCloseTo(
      tensors.reduce((sum, one) => sum + one.sums!.l2[1]!, 0),
      14,
    );
    const twice = emptySums(5);
    addSums(twice, total);
    addSums(twice, total);
    expect(twice.values).toBe(2 * total.values);
  });
});

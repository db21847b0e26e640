import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import {
  bfloat,
  initialise,
  interpolated,
  mapWeights,
  noiseWalk,
  random,
  train,
  type Setting,
  type Weights,
} from '../checkpoints/train.suite.ts';
import { text, writeSafetensors } from '../formats/writers.suite.ts';
import { sha256Hex } from '../formats/sha256.ts';
import { silentContext } from '../progress.ts';
import { check, flagsOf, folderOf, look, sequence, stored, tools } from './checkpoints.suite.ts';
import { checkCheckpoints } from './checkpoints.ts';
import { planCheckpoints } from './checkpoints-plan.ts';
import { windowOf } from './checkpoints-window.ts';

const SETTING: Setting = {
  seed: 3,
  optimizer: 'adamw',
  rate: 3e-3,
  schedule: 'cosine',
  warmup: 40,
  steps: 288,
  every: 24,
  batch: 8,
  labelNoise: 0.1,
  decay: 0.1,
};
const RUN = train(SETTING);
/** What is true of it. The schedule ends at 5 % of its peak. */
const RECIPE = {
  optimizer: 'adamw',
  learning_rate: { schedule: 'cosine', peak: 3e-3, warmup_steps: 40, total_steps: 288, final: 1.5e-4 },
  betas: [0.9, 0.999],
  weight_decay: 0.1,
  init: [
    { tensors: 'layers.0.weight', distribution: 'kaiming_uniform', a: Math.sqrt(5) },
    { tensors: 'layers.1.weight', distribution: 'kaiming_uniform', a: Math.sqrt(5) },
  ],
};

const rename = (weights: Weights): Weights => mapWeights(weights, (values) => values.slice());

describe('an honest run', () => {
  it.each(['F32', 'BF16'] as const)(
    'stored as %s shows no inconsistency, with its true recipe and without',
    async (dtype) => {
      for (const asked of [{}, { recipe: RECIPE }]) {
        const found = await look(sequence(RUN, 24, dtype), asked);
        expect(flagsOf(found)).toEqual([]);
        expect(found.checks.filter(({ outcome }) => outcome === 'contradicts')).toEqual([]);
        expect(found.orderBy).toBe('steps');
        expect(found.checkpoints.map(({ step }) => step)).toEqual(RUN.map((_, i) => i * 24));
      }
      const told = await look(sequence(RUN, 24, dtype), { recipe: RECIPE });
      expect(check(told, 'optimiser').outcome).toBe('matches');
      expect(check(told, 'init').detail).toMatchObject({ tensors: 2, name: 'step0', step: 0 });
      expect(told.segments.every(({ rates, score }) => rates !== null && score !== null)).toBe(true);
    },
  );

  it('is never said to be proven: what needs data, code or training is listed as not checked', async () => {
    const found = await look(sequence(RUN));
    expect(['seed', 'memorisation', 'retraining'].map((id) => check(found, id as 'seed').outcome)).toEqual(
      Array.from({ length: 3 }, () => 'could-not-check'),
    );
  });

  it('gives the distances that plain sums over all numbers give', async () => {
    const found = await look(sequence(RUN));
    const all = (weights: Weights): number[] => [...weights.values()].flatMap((values) => [...values]);
    for (const [i, segment] of found.segments.entries()) {
      const [a, b] = [all(RUN[i]!), all(RUN[i + 1]!)];
      const delta = a.map((x, k) => b[k]! - x);
      expect(segment.l1).toBeCloseTo(
        delta.reduce((sum, d) => sum + Math.abs(d), 0),
        10,
      );
      expect(segment.l2).toBeCloseTo(Math.hypot(...delta), 12);
      expect(segment.linf).toBe(Math.max(...delta.map(Math.abs)));
      expect(segment.relative).toBeCloseTo(Math.hypot(...delta) / Math.hypot(...a), 12);
      const dot = a.reduce((sum, x, k) => sum + x * b[k]!, 0);
      expect(segment.cosineDistance).toBeCloseTo(1 - dot / (Math.hypot(...a) * Math.hypot(...b)), 12);
    }
    const layer = found.layers.find(({ name }) => name === 'layer 0')!;
    expect(layer.moved[0]).toBeGreaterThan(0);
    expect(layer.cosines).toHaveLength(RUN.length - 2);
  });
});

describe('a forged sequence', () => {
  it.each(['F32', 'BF16'] as const)(
    'on the straight line from first to last, stored as %s, is called that',
    async (dtype) => {
      const line = interpolated(
        RUN[0]!,
        RUN.at(-1)!,
        RUN.map((_, i) => i / (RUN.length - 1)),
      );
      const found = await look(sequence(line, 24, dtype));
      expect(flagsOf(found)).toContain('straight-line');
      expect(check(found, 'straight').outcome).toBe('matches');
    },
  );

  it('with one checkpoint between two real ones names that one', async () => {
    const forged = [...RUN];
    forged[5] = interpolated(RUN[4]!, RUN[6]!, [0.4])[0]!;
    const { flags } = check(await look(sequence(forged)), 'collinear');
    expect(flags.map(({ detail }) => detail['name'])).toEqual(['step120']);
  });

  it('of independent noise is told from training', async () => {
    expect(flagsOf(await look(sequence(noiseWalk(RUN, 9))))).toContain('noise');
    expect(flagsOf(await look(sequence(RUN)))).not.toContain('noise');
  });

  it('glued out of two runs jumps where they meet, and nowhere else', async () => {
    const other = train({ ...SETTING, seed: 40 });
    const found = await look(sequence([...RUN.slice(0, 6), ...other.slice(6)]), { recipe: RECIPE });
    const { flags } = check(found, 'jump');
    expect(flags.map(({ detail }) => [detail['from'], detail['to']])).toEqual([['step120', 'step144']]);
  });

  it('that has a checkpoint twice names both', async () => {
    const forged = [...RUN];
    forged[7] = rename(RUN[3]!);
    const { flags } = check(await look(sequence(forged)), 'duplicate');
    expect(flags.map(({ detail }) => detail)).toEqual([{ first: 'step72', second: 'step168' }]);
  });

  it('whose checkpoints have the same numbers in other places has no checkpoint twice', async () => {
    const shifted = [0, 1, 2, 3].map(
      (i) => new Map([['w', Float32Array.from({ length: 64 }, (_, k) => (k >> 4 === i ? 1 : 0))]]),
    );
    const found = await look(sequence(shifted));
    expect(check(found, 'duplicate')).toMatchObject({ outcome: 'matches', flags: [] });
  });

  it('with two neighbours swapped turns back', async () => {
    const forged = [...RUN];
    [forged[4], forged[5]] = [RUN[5]!, RUN[4]!];
    expect(flagsOf(await look(sequence(forged)))).toContain('turned-back');
  });

  it('whose first checkpoint is trained already does not look as it is said to have been filled', async () => {
    const late = train({ ...SETTING, rate: 3e-2, decay: 1 }).slice(6);
    const { flags } = check(await look(sequence(late), { recipe: { init: RECIPE.init } }), 'init');
    expect(flags.map(({ code }) => code)).toContain('not-as-filled');
  });
});

describe('what is stated', () => {
  it('of frozen tensors contradicts when one number moved, and is kept apart from what was not stated', async () => {
    const still = RUN.map((weights) => new Map([...weights, ['layers.0.bias', RUN[0]!.get('layers.0.bias')!]]));
    const recipe = { frozen: ['layers.0.bias'] };
    expect(check(await look(sequence(still), { recipe }), 'frozen').outcome).toBe('matches');
    expect(check(await look(sequence(still)), 'frozen').outcome).toBe('could-not-check');
    const moved = still.map((weights, i) =>
      i === 8 ? mapWeights(weights, (values, name) => (name === 'layers.0.bias' ? bumped(values) : values)) : weights,
    );
    expect(check(await look(sequence(moved), { recipe }), 'frozen')).toMatchObject({
      outcome: 'contradicts',
      detail: { tensor: 'layers.0.bias', from: 'step168', to: 'step192', places: 1 },
    });
  });

  it('of the optimiser contradicts when rates are a hundredth of the true ones', async () => {
    const rate = { ...RECIPE.learning_rate, peak: 3e-5, final: 1.5e-6 };
    const found = await look(sequence(RUN), { recipe: { ...RECIPE, learning_rate: rate } });
    expect(check(found, 'optimiser').outcome).toBe('contradicts');
  });

  it('of plain SGD bounds nothing without clipping', async () => {
    const sgd = { ...SETTING, optimizer: 'sgd', rate: 0.02, decay: 0 } as const;
    const recipe = { optimizer: 'sgd', learning_rate: 0.02, momentum: 0.9 };
    const run = sequence(train(sgd));
    expect(check(await look(run, { recipe }), 'optimiser').reason).toBe('no-gradient-bound');
    const clipped = (norm: number) => look(run, { recipe: { ...recipe, max_grad_norm: norm } });
    expect(check(await clipped(10), 'optimiser').outcome).toBe('matches');
    expect(check(await clipped(1e-4), 'optimiser').outcome).toBe('contradicts');
  });

  it('with a misspelt field is refused: it would never be checked', async () => {
    await expect(look(sequence(RUN), { recipe: { frozzen: [] } })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('structure', () => {
  it('another shape contradicts; a missing tensor and another type are told', async () => {
    const files = sequence(RUN);
    const reshaped = new Map(RUN[2]!);
    const other = writeSafetensors(
      [...reshaped].map(([name, values]) => ({
        name,
        dtype: 'F32',
        shape: [values.length],
        bytes: new Uint8Array(values.slice().buffer),
      })),
    );
    expect(check(await look({ ...files, 'step48/model.safetensors': other }), 'structure').outcome).toBe('contradicts');
    const fewer = new Map([...RUN[2]!].slice(1));
    const found = await look({
      ...files,
      'step48/model.safetensors': stored(fewer),
      'step72/model.safetensors': stored(RUN[3]!, 'BF16'),
    });
    expect(check(found, 'structure')).toMatchObject({ outcome: 'matches' });
    expect(check(found, 'structure').flags.map(({ code }) => code)).toEqual(['names-differ', 'dtypes-differ']);
  });

  it('counters and running means of batch norm are not what an optimiser moves', async () => {
    const withCounter = RUN.map((weights, i) => new Map([...weights, ['norm.running_var', Float32Array.of(1e6 * i)]]));
    const found = await look(sequence(withCounter));
    expect(found.leftOut.tensors).toBe(1);
    expect(found.segments.map(({ l2 }) => l2)).toEqual((await look(sequence(RUN))).segments.map(({ l2 }) => l2));
  });
});

describe('NaN and infinities', () => {
  it('are in no sum, and are told', async () => {
    const odd = RUN.map((weights, i) =>
      i === 4 ? mapWeights(weights, (values) => values.with(0, Number.NaN)) : weights,
    );
    const found = await look(sequence(odd));
    expect(check(found, 'structure').flags).toEqual([{ code: 'not-finite', detail: { places: 4 } }]);
    expect(found.segments.every(({ l2 }) => Number.isFinite(l2))).toBe(true);
    expect(found.trained.values).toBe(1204);
  });
});

describe('which files are which checkpoint', () => {
  it('folders, files, shards and several targets, in the order of their numbers', async () => {
    const three = RUN.slice(0, 3);
    const flat = await look(
      Object.fromEntries(three.map((w, i) => [`ckpt_${[5, 50, 100][i]}.safetensors`, stored(w)])),
    );
    expect(flat.checkpoints.map(({ name }) => name)).toEqual([
      'ckpt_5.safetensors',
      'ckpt_50.safetensors',
      'ckpt_100.safetensors',
    ]);
    const nested = await look(
      Object.fromEntries(three.map((w, i) => [`out/checkpoint-${[500, 1000, 1500][i]}/model.safetensors`, stored(w)])),
    );
    expect(nested.checkpoints.map(({ step }) => step)).toEqual([500, 1000, 1500]);
    const targets = three.map((w, i) => folderOf(`epoch_${[2, 10, 1][i]}`, { 'model.safetensors': stored(w) }));
    const given = await look(targets);
    expect([given.orderBy, given.checkpoints.map(({ name }) => name)]).toEqual([
      'numbers',
      ['epoch_1', 'epoch_2', 'epoch_10'],
    ]);
    const ordered = await look(targets, { order: ['epoch_10', 'epoch_1', 'epoch_2'] });
    expect([ordered.orderBy, ordered.checkpoints[0]!.name]).toEqual(['given', 'epoch_10']);
    await expect(look(targets, { order: ['epoch_1'] })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('names without numbers keep the order they came in, and the result says so', async () => {
    const found = await look(
      ['a', 'c', 'b'].map((name, i) => folderOf(name, { 'model.safetensors': stored(RUN[i]!) })),
    );
    expect([found.orderBy, found.checkpoints.map(({ name }) => name)]).toEqual(['none', ['a', 'c', 'b']]);
  });
});

describe('a file that cannot be used', () => {
  it('leaves every check that needs it open, and is named', async () => {
    const found = await look({ ...sequence(RUN.slice(0, 4)), 'step24/model.safetensors': text('no model') });
    expect(found.unread.map(({ name }) => name)).toEqual(['step24']);
    for (const { outcome } of found.checks) expect(outcome).toBe('could-not-check');
  });

  it('a stopped run says so and judges nothing', async () => {
    const control = new AbortController();
    const ctx = { ...silentContext(control.signal), progress: () => control.abort() };
    const found = await look(sequence(RUN), { ctx });
    expect(found.stopped).toBe(true);
    expect(found.checks.filter(({ outcome }) => outcome === 'matches')).toEqual([]);
  });
});

describe('published digests beside the files', () => {
  it('hold, or contradict with the name of the file', async () => {
    const files = sequence(RUN.slice(0, 4));
    const lines = await Promise.all(
      Object.entries(files).map(async ([path, bytes]) => `${await sha256Hex(bytes)}  ${path}`),
    );
    const list = text(lines.join('\n'));
    expect(check(await look({ ...files, SHA256SUMS: list }), 'chain')).toMatchObject({
      outcome: 'matches',
      detail: { same: 4 },
    });
    const changed = { ...files, 'step48/model.safetensors': stored(mapWeights(RUN[2]!, bumped)), SHA256SUMS: list };
    expect(check(await look(changed), 'chain')).toMatchObject({
      outcome: 'contradicts',
      detail: { file: 'step48/model.safetensors' },
    });
  });
});

describe('memory and rounding', () => {
  it('an initialisation is recognised after rounding to bfloat16', async () => {
    const fresh = [initialise(5), ...RUN.slice(1)].map((weights) => mapWeights(weights, bfloat));
    const found = await look(sequence(fresh, 24, 'BF16'), { recipe: { init: RECIPE.init } });
    expect(check(found, 'init').flags).toEqual([]);
  });
});

function bumped(values: Float32Array): Float32Array {
  const out = values.slice();
  out[0] = out[0]! + 0.5;
  return out;
}

describe('reading', () => {
  /** Serves a file and counts what is read of it. */
  class Counted extends MemorySource {
    bytesRead = 0;
    largest = 0;

    override read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
      this.bytesRead += end - start;
      this.largest = Math.max(this.largest, end - start);
      return super.read(start, end, signal);
    }
  }

  it('takes every weight file once, in pieces whose size does not grow with the files', async () => {
    const values = 1024 * 1536;
    const sources = [1, 2, 3].map((seed) => {
      const next = random(seed);
      const big = new Map([['w', Float32Array.from({ length: values }, next)]]);
      return new Counted(`step${seed}`, stored(big));
    });
    const intakes = sources.map(({ name, size }) => ({
      kind: 'local' as const,
      name,
      files: [{ path: 'model.safetensors', size, spec: { kind: 'path' as const, name, path: name } }],
    }));
    const near = { ...tools, openPath: async (_: string, path: string) => sources.find(({ name }) => name === path)! };
    const plan = await planCheckpoints({ intakes }, near, silentContext());
    const seen: number[] = [];
    const ctx = { ...silentContext(), progress: ({ done }: { readonly done: number }) => seen.push(done) };
    const found = await checkCheckpoints({ plan, recipe: null, now: '2026-11-21T12:00:00.000Z' }, near, ctx);
    expect(found.trained).toEqual({ tensors: 1, values });
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    for (const { bytesRead, size, largest } of sources) {
      // The header is looked at a few times; the body once.
      expect(bytesRead).toBeLessThan(size + 300_000);
      expect(largest).toBeLessThanOrEqual(windowOf(3));
    }
    expect(windowOf(160)).toBeLessThan(512 * 1024);
  });
});

/** Of the weights below, with numpy 2.4.6 in float64. */
const NUMPY = {
  segments: [
    [230.11865234375, 16.183373054032668, 1.650146484375],
    [652.38330078125, 23.83735936567952, 1.30615234375],
    [793.47607421875, 25.243179264024917, 0.962158203125],
  ],
  cosines: [-0.17804695168045162, -0.7033848157804934],
  pathRatio: 0.23114487148719745,
  residual: 14.422591861417741,
};

describe('numbers that numpy gives', () => {
  it('are those of the sums', async () => {
    const at = (k: number): Weights =>
      new Map([
        [
          'w',
          Float32Array.from({ length: 1000 }, (_, i) =>
            Math.fround(((i * 37 + k * k * 11) % 101) / 64 - (k * i) / 4096),
          ),
        ],
      ]);
    const found = await look(sequence([at(0), at(1), at(2), at(3)]));
    expect(found.segments.map(({ l1, l2, linf }) => [l1, l2, linf])).toEqual(
      NUMPY.segments.map(([l1, l2, linf]) => [l1, expect.closeTo(l2!, 12), linf]),
    );
    expect(found.segments.map(({ cosineToNext }) => cosineToNext)).toEqual([
      expect.closeTo(NUMPY.cosines[0]!, 12),
      expect.closeTo(NUMPY.cosines[1]!, 12),
      null,
    ]);
    expect(found.pathRatio).toBeCloseTo(NUMPY.pathRatio, 12);
    expect(found.segments[0]!.residual).toBeCloseTo(NUMPY.residual, 10);
  });
});

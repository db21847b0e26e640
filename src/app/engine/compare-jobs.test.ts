import { describe, expect, it } from 'vitest';
import { runJob } from '../../../workers/job.ts';
import type { EngineApi } from '../../../workers/protocol.ts';
import { writeSafetensors } from '../../core/formats/writers.suite.ts';
import type { Progress } from '../../core/progress.ts';
import { compareTools, floats, modelOf } from '../../core/scan/compare.suite.ts';
import { compareModels } from '../../core/scan/compare.ts';
import type { CompareRequest, LineageRequest } from '../../core/scan/compare-request.ts';
import { scanLineage } from '../../core/scan/lineage.ts';
import { createEngine } from './client.ts';
import { fakeWorker } from './fake-worker.suite.ts';
import { Pool } from './pool.ts';

const model = (name: string, last: number) =>
  modelOf(name, { 'model.safetensors': writeSafetensors([floats('w', [2, 2], [1, 2, 3, last])]) });
const request: CompareRequest = {
  models: [model('a', 4), model('b', 6)],
  depth: 'tensors',
  now: '2026-11-21T00:00:00Z',
};
const lineage: LineageRequest = {
  model: model('a', 4),
  database: './db/',
  deep: { kind: 'none' },
  now: '2026-11-21T00:00:00Z',
};

/** The jobs of the real worker, over a channel in this thread. `patience`: how long a stopped one may take to answer. */
function engine(more: Partial<EngineApi> = {}, patience = 20_000) {
  const jobs: Partial<EngineApi> = {
    compare: (asked, port) => runJob(port, (ctx) => compareModels(asked, compareTools(), ctx)),
    lineage: (asked, port) => runJob(port, (ctx) => scanLineage(asked, compareTools(), ctx)),
    ...more,
  };
  const never = () => Promise.reject(new Error('not part of this test'));
  return createEngine(new Pool({ start: () => fakeWorker(never, jobs), size: 1, patience }));
}

describe('comparing through the worker', () => {
  it('gives the result as data, and progress on the way', async () => {
    const told: Progress[] = [];
    const signal = new AbortController().signal;
    const found = await engine().compare(request, { signal, progress: (update) => told.push(update) });
    expect(found).toMatchObject({
      stopped: false,
      sides: [{ name: 'a' }, { name: 'b' }],
      tensors: [{ relation: 'differs', changed: 1, largest: 2 }],
    });
    expect(told.length).toBeGreaterThan(0);
  });

  it('that is stopped resolves with what it came to', async () => {
    const stop = new AbortController();
    const slow: EngineApi['compare'] = (asked, port) =>
      runJob(port, (ctx) => {
        const signals = () =>
          new Promise<never>((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error())));
        setTimeout(() => stop.abort(), 5);
        return compareModels(asked, compareTools({ signals }), ctx);
      });
    const found = await engine({ compare: slow }).compare(request, { signal: stop.signal });
    expect(found).toMatchObject({
      stopped: true,
      tensors: [{ relation: 'not-compared', reason: { code: 'SOURCE_ABORTED' } }],
    });
  });

  it('with a worker that does not answer the stop ends all the same', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 5);
    const deaf: EngineApi['compare'] = () => new Promise(() => undefined);
    await expect(engine({ compare: deaf }, 50).compare(request, { signal: stop.signal })).rejects.toMatchObject({
      code: 'SOURCE_ABORTED',
    });
  });
});

describe('scanning through the worker', () => {
  it('without a database to read says so, and what the model lacks', async () => {
    const found = await engine().lineage(lineage, { signal: new AbortController().signal });
    expect(found).toMatchObject({
      database: null,
      databaseError: { code: 'ENGINE_UNSUPPORTED' },
      info: null,
      matches: [],
      missing: [{ part: 'metadata' }, ...found.missing.slice(1).map(() => ({}))],
    });
  });
});

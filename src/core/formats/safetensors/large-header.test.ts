import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { MemorySource } from '../../bytes/memory.ts';
import { FindingCollector } from '../../content/collector.ts';
import { AppError } from '../../errors.ts';
import { damage } from '../fuzz.suite.ts';
import { openSafetensors } from '../safetensors.ts';
import { SparseSource } from '../sparse.suite.ts';
import { readHeader } from './header.ts';
import { readLargeHeader } from './large-header.ts';

const START = 8;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const entry = (name: string, at: number): string =>
  `"${name}":{"dtype":"F32","shape":[1,2],"data_offsets":[${at},${at + 8}]}`;
const HEADERS = [
  `{"__metadata__":{"a,b":"{[\\"\\\\"},${entry('a', 0)},${entry('b}],\\"', 8)}}`,
  ` {\n ${entry('ü', 0)} , ${entry('z', 8)} ,"x":{"dtype":"U8","shape":[],"data_offsets":[16,17],"more":[{},[1,2]]} }  `,
  `{${entry('a', 0)},${entry('\\u0061', 8)}}`,
  `{${entry('a', 0)},}`,
  `{,${entry('a', 0)}}`,
  `[${entry('a', 0)}]`,
  '{}',
  `{${entry('a', 0)}}x`,
  `\u{feff}{${entry('a', 0)}}`,
].map((text) => encode(text));

/** What reading came to, one way or the other: members, findings, or the error. */
async function outcome(read: (findings: FindingCollector) => unknown): Promise<unknown> {
  const findings = new FindingCollector();
  try {
    const { tensors, metadata } = (await read(findings)) as ReturnType<typeof readHeader>;
    return { tensors: [...tensors], metadata: metadata === null ? null : [...metadata], findings: findings.list() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code;
  }
}

async function same(json: Uint8Array, step: number): Promise<unknown> {
  const whole = await outcome((findings) => readHeader(json, START, findings));
  const bytes = new Uint8Array([...new Uint8Array(START), ...json]);
  const source = new MemorySource('m', bytes);
  let sha256 = '';
  const pieces = await outcome(async (findings) => {
    const large = await readLargeHeader(source, START, bytes.length, findings, undefined, step);
    sha256 = large.sha256;
    return large.stated;
  });
  expect(pieces).toEqual(whole);
  if (typeof whole !== 'string') expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  return whole;
}

it.each(HEADERS)('a header read in pieces of any size is the header read whole (%#)', async (json) => {
  for (let step = 1; step <= json.length; step += 1) await same(json, step);
});

it('and so is a damaged one: the same members, or the same refusal', async () => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...HEADERS),
      damage,
      fc.integer({ min: 1, max: 64 }),
      async (json, steps, step) => {
        const broken = steps.reduce((now, change) => change(now), json);
        if (broken.length > 0 && typeof (await same(broken, step)) === 'string') refused += 1;
      },
    ),
    { numRuns: 2_000 },
  );
  expect(refused).toBeGreaterThan(200);
}, 60_000);

it('a header of twelve megabytes opens like any other', async () => {
  const members = Array.from({ length: 20_000 }, (_, i) => entry(`${i}.${'x'.repeat(560)}`, i * 8));
  const json = encode(`{${members.join(',')}}`);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  const size = 8 + json.length + 20_000 * 8;
  const source = new SparseSource('m.safetensors', size, [
    { at: 0, bytes: length },
    { at: 8, bytes: json },
  ]);
  const { tensors, headerEnd, headerSha256 } = await openSafetensors(source);
  expect([tensors.length, tensors.at(-1)!.name.slice(0, 6), headerEnd]).toEqual([20_000, '19999.', 8 + json.length]);
  expect(headerSha256).toBe(createHash('sha256').update(length).update(json).digest('hex'));
});

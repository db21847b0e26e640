import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { describeFile } from '../formats/describe.ts';
import { wasmHashes } from '../hash/wasm.ts';
import { sameWeightsCheck, type SameWeights } from '../report/same-weights.ts';
import type { TensorModel } from '../tensors/read/model.ts';
import { canonicalModel, compareWeights, type CanonicalModel } from './same-weights.ts';

const CORPORA = join(import.meta.dirname, '../../../../shared/corpora');
const tools = { hashes: wasmHashes(), signal: new AbortController().signal };

async function fileModel(path: string): Promise<TensorModel> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const source = new MemorySource(name, new Uint8Array(readFileSync(path)));
  const { opened } = await describeFile(source);
  return { files: [{ ...opened!, path: name, source }] };
}

async function both(
  a: string,
  b: string,
): Promise<{ a: CanonicalModel; b: CanonicalModel; found: SameWeights; pairs: Set<string> }> {
  const [x, y] = [await canonicalModel(await fileModel(a), tools), await canonicalModel(await fileModel(b), tools)];
  const found = await compareWeights(x, y, tools);
  const pairs = [...found.same, ...found.relaid].map(([i, j]) => `${x.tensors[i]!.name} = ${y.tensors[j]!.name}`);
  return { a: x, b: y, found, pairs: new Set(pairs) };
}

interface Relations {
  readonly 'facenet-vs-facenet-pytorch': readonly { readonly torch: string; readonly npy: string }[];
  readonly 'silero-vad': readonly { readonly file: string; readonly tensor: string; readonly safetensors: string }[];
}

describe.skipIf(!existsSync(CORPORA))('models of the world (skipped when ../shared is not there)', () => {
  const relations = JSON.parse(readFileSync(join(CORPORA, 'model-relations.json'), 'utf8')) as Relations;

  it.each([
    ['pnet.pt', 'det1.npy'],
    ['rnet.pt', 'det2.npy'],
  ])('facenet: %s of PyTorch holds the numbers of TensorFlow’s %s', async (torch, npy) => {
    const { a, b, found, pairs } = await both(
      join(CORPORA, 'facenet-pytorch/data', torch),
      join(CORPORA, 'facenet/src/align', npy),
    );
    const listed = relations['facenet-vs-facenet-pytorch'].filter((row) => row.torch.startsWith(torch));
    expect(listed.length).toBeGreaterThan(10);
    for (const row of listed) {
      expect(pairs).toContain(`${row.torch.split(':')[1]!} = ${row.npy.split(':')[1]!}`);
    }
    expect({ ...found, same: 0, relaid: 0 }).toMatchObject({ differ: [], unknownA: [], unknownB: [] });
    const check = sameWeightsCheck(a.tensors, b.tensors, found, { name: npy, independent: true });
    expect([check.outcome, check.detail]).toEqual([
      found.onlyA.length + found.onlyB.length === 0 ? 'matches' : 'contradicts',
      expect.objectContaining({ same: listed.length }),
    ]);
  });

  it('silero-vad: JIT, ONNX and safetensors share what the list says', async () => {
    const safe = join(CORPORA, 'silero-vad/src/silero_vad/data/silero_vad_16k.safetensors');
    for (const { file, tensor, safetensors } of relations['silero-vad']) {
      const { pairs } = await both(join(CORPORA, 'silero-vad', file), safe);
      expect([file, [...pairs]]).toEqual([file, expect.arrayContaining([`${tensor} = ${safetensors}`])]);
    }
  });
});

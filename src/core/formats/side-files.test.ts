import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemorySource } from '../bytes/memory.ts';
import { expectVerdict, fileSource, GOLDEN, HAS_GOLDEN, hostileRows, verdictOf } from './expected.suite.ts';
import { inspectSideFile } from './side-files.ts';

async function inspect(
  path: string,
): Promise<{ findings: NonNullable<Awaited<ReturnType<typeof inspectSideFile>>>['findings'] }> {
  const source = fileSource(path);
  const file = await inspectSideFile(source, await source.read(0, Math.min(16, source.size)));
  if (file === null) throw new Error(`${path} is no side file`);
  return file;
}

describe.skipIf(!HAS_GOLDEN)('golden side files (skipped when ../shared is not there)', () => {
  it.each(hostileRows('configs').map((row) => [row.file, row] as const))('hostile %s', async (file, row) => {
    expectVerdict(row, await verdictOf(() => inspect(join(GOLDEN, 'hostile', file))));
  });

  const folders = HAS_GOLDEN ? readdirSync(join(GOLDEN, 'hf')) : [];
  const ordinary = folders.flatMap((folder) =>
    readdirSync(join(GOLDEN, 'hf', folder))
      .filter((name) => /\.(?:json|jinja|model)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  it.each(ordinary)('%s of an ordinary model raises nothing', async (path) => {
    const { findings } = await inspect(join(GOLDEN, 'hf', path));
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  });
});

describe('side files', () => {
  it('other files are none', async () => {
    expect(await inspectSideFile(new MemorySource('merges.txt', new Uint8Array([1])), new Uint8Array([1]))).toBeNull();
  });
});

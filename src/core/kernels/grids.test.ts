import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { expandGrid, expandSigns, type GridName } from './grids.ts';

/** SHA-256 of the grids as gguf-py 0.19 expands its own tables: one signed byte a number, row after row. */
const REFERENCE: Readonly<Record<GridName, string>> = {
  IQ1: '07540ffc1aeaf6ad4d97e96b0fcc765aae39671d4ae4a27bbd0e796fde167c6a',
  IQ2_XXS: '05826b5d3e472a3a78f196be62ac78acf81df0f909626e12ab9fa2a5d490dd54',
  IQ2_XS: '06e47aaca60b4dc1d9b5a3f34540437058a6b142b4d7a59d5ded769b4d1bf1de',
  IQ2_S: 'e1aa1473412b0552c2174c30ef22ab4073f6a181b85a17056e8249bd2932fd88',
  IQ3_XXS: '46e35f5a997efdee6c99ce57854c8a0d4f0ff8ca57e5e8a60c0793ea580acf5d',
  IQ3_S: 'bd1af4945a1717c65610b0284e4628b9a1ba3b306fae3a06f6e5f597356e349f',
};

test.each(Object.entries(REFERENCE))('every number of grid %s is the reference library’s', (name, digest) => {
  expect(
    createHash('sha256')
      .update(expandGrid(name as GridName))
      .digest('hex'),
  ).toBe(digest);
});

test('row r of the signs is minus one where bit i of r is set', () => {
  const signs = expandSigns();
  expect([...signs.subarray(8 * 0b10000101, 8 * 0b10000101 + 8)]).toEqual([-1, 1, -1, 1, 1, 1, 1, -1]);
  expect(signs.length).toBe(2048);
});

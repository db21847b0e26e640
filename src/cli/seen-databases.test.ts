import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { noteSequence, rememberedAs, seenFile, seenSequence } from './seen-databases.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-seen-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('sequences of databases', () => {
  const file = seenFile({ XDG_STATE_HOME: folder });

  it('are remembered by address, and only ever rise', async () => {
    expect(await seenSequence(file, 'https://a/db/')).toBeNull();
    for (const sequence of [3, 7, 5]) await noteSequence(file, 'https://a/db/', sequence);
    await noteSequence(file, 'https://b/', 1);
    expect(await seenSequence(file, 'https://a/db/')).toBe(7);
    expect(await seenSequence(file, 'https://b/')).toBe(1);
    expect(await seenSequence(file, '__proto__')).toBeNull();
  });

  it('of a record that is damaged or cannot be written count as never seen', async () => {
    const damaged = join(folder, 'damaged.json');
    writeFileSync(damaged, '{"https://a/": "9", "https://b/":');
    expect(await seenSequence(damaged, 'https://a/')).toBeNull();
    await expect(noteSequence(join(damaged, 'below-a-file.json'), 'https://a/', 1)).resolves.toBeUndefined();
  });

  it.each([
    ['https://user:secret@host/db', 'https://host/db/'],
    ['http://host:8080/db/?x=1#y', 'http://host:8080/db/'],
    ['../public/db', null],
    ['none', null],
    [undefined, null],
  ])('%s is remembered as %s', (db, address) => {
    expect(rememberedAs(db)).toBe(address);
  });
});

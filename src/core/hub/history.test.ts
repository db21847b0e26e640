import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubFixture, quickClock, type HubFixture } from '../../../e2e/hub/fixture.ts';
import type { HubAccess } from './access.ts';
import { listFiles } from './client.ts';
import { findInHistory, listCommits, type FileIdentity } from './history.ts';

let fixture: HubFixture;
let access: HubAccess;
beforeAll(async () => {
  fixture = await hubFixture();
  access = { endpoint: fixture.hub.url, transport: { fetchFn: (url, init) => fetch(url, init), clock: quickClock() } };
  for (const [revision, weights, config] of [
    ['main', 'new', 'new'],
    ['main~1', 'old', 'new'],
    ['main~2', 'old', 'old'],
    ['main~3', 'oldest', 'old'],
  ]) {
    await fixture.put(`org/m/${revision}/model.gguf`, weights!);
    await fixture.put(`org/m/${revision}/config.json`, config!);
  }
});
afterAll(() => fixture.close());

const both = (weights: string, config: string): Map<string, FileIdentity> =>
  new Map([
    ['model.gguf', identity(weights)],
    ['config.json', identity(config)],
  ]);

function identity(text: string): FileIdentity {
  return {
    sha256: createHash('sha256').update(text).digest('hex'),
    blobId: createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex'),
  };
}

describe('the history of a branch', () => {
  it('says which commit stated files that are no longer the newest', async () => {
    const found = await findInHistory(access, 'org/m', 'main', both('old', 'old'));
    expect(found.match).toMatchObject({ age: 2, commit: { date: '2025-04-04T12:00:00.000Z' } });
    expect(found).toMatchObject({ looked: 3, more: true });
    expect(found.files.get('model.gguf')).toMatchObject({ age: 1, commit: { date: '2025-05-03T12:00:00.000Z' } });
  });

  it('says of each file when it was stated, though no commit stated all of them', async () => {
    const found = await findInHistory(access, 'org/m', 'main', both('oldest', 'new'));
    expect(found.match).toBeUndefined();
    expect([...found.files].map(([path, { age }]) => [path, age])).toEqual([
      ['config.json', 0],
      ['model.gguf', 3],
    ]);
    expect(found).toMatchObject({ looked: 4, more: false });
  });

  it('finds nothing for bytes that were never published, and for no files at all', async () => {
    expect(await findInHistory(access, 'org/m', 'main', both('x', 'y'))).toMatchObject({ files: new Map(), looked: 4 });
    expect((await findInHistory(access, 'org/m', 'main', new Map())).match).toBeUndefined();
  });

  it('does not take the blob id of an LFS pointer for that of its content', async () => {
    const { commits } = await listCommits(access, 'org/m', 'main', 1);
    const listed = await listFiles(access, 'org/m', commits[0]!.id);
    const { blobId } = listed.find(({ path }) => path === 'model.gguf')!;
    const wanted = new Map([['model.gguf', { blobId }]]);
    expect((await findInHistory(access, 'org/m', 'main', wanted)).match).toBeUndefined();
  });

  it('looks no further back than it was told', async () => {
    const found = await findInHistory(access, 'org/m', 'main', both('oldest', 'old'), 2);
    expect(found).toMatchObject({ looked: 2, more: true });
    expect(found.match).toBeUndefined();
    expect(await listCommits(access, 'org/m', 'main', 3)).toMatchObject({ more: true, commits: { length: 3 } });
  });

  it('that leads round in a circle is refused at the second sight of a page', async () => {
    const from = fixture.hub.log.length;
    fixture.hub.misbehave({ path: /commits/, wrong: { kind: 'next', to: '?limit=11&cursor=0' } });
    await expect(listCommits(access, 'org/m', 'main', 100)).rejects.toMatchObject({ code: 'HUB_RESPONSE' });
    expect(fixture.hub.log.length - from).toBe(2);
    fixture.hub.behave();
  });
});

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubFixture, type HubFixture } from '../../../e2e/hub/fixture.ts';
import type { OpenContext } from '../bytes/open.ts';
import { AppError } from '../errors.ts';
import { silentContext } from '../progress.ts';
import type { Against, Depth, Intake, LocalFile, Plan } from './model.ts';
import { makePlan } from './plan.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A safetensors file with one tensor of two bytes. */
function tiny(): Uint8Array {
  const json = new TextEncoder().encode('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}  ');
  const file = new Uint8Array(8 + json.length + 2);
  file[0] = json.length;
  file.set(json, 8);
  return file;
}

function local(files: Readonly<Record<string, string | Uint8Array>>): Intake {
  const list = Object.entries(files).map(([path, content]): LocalFile => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return { path, size: bytes.length, spec: { kind: 'bytes', name: path, bytes } };
  });
  return { kind: 'local', name: 'model', files: list };
}

function plan(
  intake: Intake,
  against: readonly Against[] = [],
  depth: Depth = 'full',
  tools: OpenContext = {},
): Promise<Plan> {
  return makePlan({ intake, against, depth }, tools, silentContext());
}

const check = (made: Plan, kind: string) => made.checks.find((c) => c.kind === kind);

describe('a plan for files of this device', () => {
  it('lists weights first, shard after shard, then side files, statements and the rest', async () => {
    const made = await plan(
      local({
        'README.md': 'x',
        'picture.png': 'x',
        SHA256SUMS: `${'0'.repeat(64)}  b.gguf\n`,
        'config.json': '{}',
        'b.gguf': 'GGUF',
        'a.safetensors': tiny(),
      }),
    );
    expect(made.artifacts.map((a) => [a.path, a.role])).toEqual([
      ['a.safetensors', 'weights'],
      ['b.gguf', 'weights'],
      ['README.md', 'side'],
      ['config.json', 'side'],
      ['SHA256SUMS', 'claim'],
      ['picture.png', 'other'],
    ]);
    expect(made.bytes).toBe(made.artifacts.reduce((sum, a) => sum + a.size, 0));
    expect(made.origin).toEqual({ kind: 'local' });
  });

  it('knows weights without a telling name by their first bytes', async () => {
    const made = await plan(local({ 'blobs/sha256-aa': tiny(), 'blobs/sha256-bb': '{"license":"x"}' }));
    expect(made.artifacts.map((a) => a.role)).toEqual(['weights', 'other']);
  });

  it('opens a file that was given alone, whatever it is called', async () => {
    expect((await plan(local({ 'page.html': '<!doctype html>' }))).artifacts[0]!.role).toBe('weights');
    expect((await plan(local({ 'page.html': 'x', 'b.html': 'y' }))).artifacts[0]!.role).toBe('other');
  });

  it('wants the algorithms that lists among the files and lists that were given ask for, of the files they name', async () => {
    const text = `${'1'.repeat(128)}  a.safetensors\n`;
    const made = await plan(
      local({ 'a.safetensors': tiny(), 'b.safetensors': tiny(), MD5SUMS: `${'2'.repeat(32)}  b.safetensors\n` }),
      [{ kind: 'text', name: 'SHA512SUMS', text }],
    );
    expect(made.artifacts[0]).toMatchObject({ path: 'a.safetensors', algorithms: ['sha512'] });
    expect(made.artifacts[1]).toMatchObject({ path: 'b.safetensors', algorithms: ['md5'] });
    expect(check(made, 'file-digest')).toMatchObject({ possible: true, detail: { statements: 2, sources: 2 } });
  });

  it('wants what a detached signature is over of the one file it is named after, and of all when that is not here', async () => {
    const record = `outs:\n- md5: ${'a'.repeat(32)}\n  hash: md5\n  path: a.safetensors\n`;
    const algorithms = async (name: string): Promise<unknown[]> => {
      const files = { 'a.safetensors': tiny(), 'b.safetensors': tiny(), [name]: record };
      return (await plan(local(files))).artifacts.slice(0, 2).map((one) => one.algorithms);
    };
    expect(await algorithms('b.safetensors.dvc')).toEqual([[], ['md5']]);
    expect(await algorithms('elsewhere.dvc')).toEqual([['md5'], ['md5']]);
  });

  it('says before the work that nobody states anything', async () => {
    expect(check(await plan(local({ 'a.gguf': 'GGUF' })), 'file-digest')).toEqual({
      kind: 'file-digest',
      possible: false,
      detail: { statements: 0 },
    });
  });

  it('says why a digest that was given cannot be used, and plans the rest', async () => {
    const made = await plan(local({ 'a.gguf': 'GGUF' }), [
      { kind: 'text', name: 'the digest you pasted', text: 'hello' },
    ]);
    const refused = made.checks.find((c) => c.reason !== undefined);
    expect(refused).toMatchObject({
      possible: false,
      reason: { code: 'CLAIM_DIGEST' },
      detail: { source: 'the digest you pasted' },
    });
    expect(made.artifacts).toHaveLength(1);
  });

  it('reads kilobytes at depth headers, and answers no digest there', async () => {
    const big: LocalFile = {
      path: 'a.gguf',
      size: 5e9,
      spec: { kind: 'bytes', name: 'a.gguf', bytes: new Uint8Array(8) },
    };
    const intake: Intake = { kind: 'local', name: 'm', files: [big, { ...big, path: 'config.json' }] };
    const made = await plan(intake, [{ kind: 'text', name: 'digest', text: 'a'.repeat(64) }], 'headers');
    expect(made.bytes).toBe(128 * 1024);
    expect(check(made, 'container-bounds')?.possible).toBe(true);
    for (const kind of ['file-digest', 'known-file']) {
      expect(check(made, kind)).toEqual({ kind, possible: false, detail: { depth: 'headers' } });
    }
  });

  it('counts what is read whole at every depth: configurations, scripts, model cards', async () => {
    const made = await plan(
      local({
        'a.gguf': 'GGUF',
        'config.json': '{}',
        'm.py': '#',
        'README.md': '---',
        'vocab.txt': 'words',
        L: 'text',
      }),
      [],
      'headers',
    );
    expect(made.bytes).toBe(4 + 2 + 1 + 3);
  });

  it('marks a file as unfinished that a download client still keeps notes about', async () => {
    const made = await plan(local({ 'a.gguf': 'GGUF', 'a.gguf.aria2': 'notes' }));
    expect(made.artifacts.find((a) => a.path === 'a.gguf')?.unfinished).toBe('a.gguf.aria2');
  });

  it('refuses an empty folder, and something remote without a network', async () => {
    await expect(plan(local({}))).rejects.toMatchObject({ code: 'USAGE' });
    await expect(plan({ kind: 'hub', ref: { repo: 'org/m' } })).rejects.toMatchObject({ code: 'ENGINE_UNSUPPORTED' });
    await expect(plan({ kind: 'url', url: 'https://host/m.gguf' })).rejects.toBeInstanceOf(AppError);
  });
});

describe('a plan for a repository', () => {
  let fixture: HubFixture;
  const http: OpenContext = { http: { fetchFn: (url, init) => fetch(url, init), stallMs: 2000 } };
  beforeAll(async () => {
    fixture = await hubFixture();
    await fixture.put('org/m/main/model.safetensors', tiny());
    await fixture.put('org/m/main/config.json', '{}');
    await fixture.put('org/m/main/LICENSE', 'text');
  });
  afterAll(() => fixture.close());
  const hub = (file?: string): Intake => ({
    kind: 'hub',
    ref: { repo: 'org/m', revision: 'main', ...(file === undefined ? {} : { file }) },
    endpoint: fixture.hub.url,
  });

  it('is for a commit, with an address per file at that commit', async () => {
    const made = await plan(hub(), [], 'full', http);
    const { origin, snapshot } = made;
    expect(origin).toEqual({ kind: 'hub', repo: 'org/m', commit: snapshot!.commit, revision: 'main' });
    expect(snapshot!.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(made.artifacts.map((a) => [a.path, a.role])).toEqual([
      ['model.safetensors', 'weights'],
      ['config.json', 'side'],
      ['LICENSE', 'other'],
    ]);
    for (const { path, spec } of made.artifacts) {
      expect(spec).toMatchObject({ kind: 'http', url: `${fixture.hub.url}/org/m/resolve/${snapshot!.commit}/${path}` });
    }
    expect(check(made, 'file-missing')?.possible).toBe(true);
    expect(made.artifacts[1]!.algorithms).toEqual(['git-blob-sha1']);
  });

  it('of the other depth does not ask the Hub again', async () => {
    const { snapshot } = await plan(hub(), [], 'full', http);
    const pinned: Intake = {
      kind: 'hub',
      ref: { repo: 'org/m', revision: snapshot!.commit },
      endpoint: fixture.hub.url,
    };
    let asked = 0;
    const counting: OpenContext = { http: { ...http.http!, fetchFn: (url, init) => (asked++, fetch(url, init)) } };
    const request = { intake: pinned, against: [], depth: 'headers', snapshot: snapshot! } as const;
    const other = await makePlan(request, counting, silentContext());
    expect([asked, other.snapshot, other.artifacts.length]).toEqual([0, snapshot, 3]);
    // A listing of another commit is of no use.
    const stale = { ...request, snapshot: { ...snapshot!, commit: '0'.repeat(40) } };
    await makePlan(stale, counting, silentContext());
    expect(asked).toBeGreaterThan(0);
  });

  it('is for one file when the reference names it', async () => {
    const made = await plan(hub('config.json'), [], 'full', http);
    expect(made.artifacts.map((a) => a.path)).toEqual(['config.json']);
    await expect(plan(hub('absent.gguf'), [], 'full', http)).rejects.toMatchObject({
      code: 'HUB_NOT_FOUND',
      detail: { file: 'absent.gguf' },
    });
  });

  it('for an address is for one file of the size the server states', async () => {
    const { snapshot } = await plan(hub(), [], 'full', http);
    const url = `${fixture.hub.url}/org/m/resolve/${snapshot!.commit}/model.safetensors`;
    const made = await plan({ kind: 'url', url }, [{ kind: 'text', name: 'x', text: sha256(tiny()) }], 'full', http);
    expect(made).toMatchObject({ name: 'model.safetensors', origin: { kind: 'url', url }, bytes: tiny().length });
  });
});

import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubFixture, type HubFixture } from './fixture.ts';

let fixture: HubFixture;
beforeAll(async () => {
  fixture = await hubFixture();
  await fixture.put('org/m/main/model.gguf', 'weights');
  await fixture.put('org/m/main/config.json', '{}');
});
afterAll(() => fixture.close());

describe('the Hub double', () => {
  it('sends files in LFS to the other origin with the headers of the Hub, and others itself', async () => {
    const get = (path: string): Promise<Response> =>
      fetch(`${fixture.hub.url}/org/m/resolve/main/${path}`, { redirect: 'manual' });
    const sha = createHash('sha256').update('weights').digest('hex');
    const redirected = await get('model.gguf');
    expect(redirected.status).toBe(302);
    expect(redirected.headers.get('location')).toMatch(`${fixture.hub.cdnUrl}/repos/org/m/`);
    expect(redirected.headers.get('x-linked-etag')).toBe(`"${sha}"`);
    expect((await get('config.json')).status).toBe(200);
    expect((await fetch(redirected.headers.get('location')!.split('?')[0]!)).status).toBe(403);
  });

  it('asks for a preflight only by being asked, and its CDN refuses one', async () => {
    const options = {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example', 'access-control-request-headers': 'authorization' },
    };
    const api = await fetch(`${fixture.hub.url}/api/models/org/m`, options);
    expect(api.headers.get('access-control-allow-headers')).toBe('authorization');
    expect(api.headers.get('access-control-allow-origin')).toBe('https://a.example');
    expect((await fetch(`${fixture.hub.cdnUrl}/x`, options)).status).toBe(403);
  });

  it('gives the same commit for the same content and another one for another', async () => {
    const sha = async (): Promise<string> =>
      ((await (await fetch(`${fixture.hub.url}/api/models/org/m`)).json()) as { sha: string }).sha;
    const before = await sha();
    expect(await sha()).toBe(before);
    await fixture.put('org/m/main/config.json', '{ }');
    expect(await sha()).not.toBe(before);
  });

  it('counts: misbehaves after so many requests, so often, and then no more', async () => {
    fixture.hub.misbehave({ path: /config/, wrong: { kind: 'status', status: 418 }, after: 1, count: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await fetch(`${fixture.hub.url}/org/m/raw/main/config.json`)).status);
    expect(statuses).toEqual([200, 418, 418, 200]);
    fixture.hub.behave();
  });

  it('serves both real names on one TLS port with the pinned test certificate', async () => {
    const tls = await hubFixture({ tls: true });
    await tls.put('org/m/main/model.gguf', 'weights');
    const folder = resolve(import.meta.dirname, '../tls');
    const ca = readFileSync(resolve(folder, 'cert.pem'));
    const get = (host: string, path: string): Promise<{ status: number; location: string; body: string }> =>
      new Promise((done, failed) => {
        const asking = request(
          { host: '127.0.0.1', port: tls.hub.port, servername: host, headers: { host }, path, ca },
          (answer) => {
            let body = '';
            answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
            answer.on('end', () =>
              done({ status: answer.statusCode ?? 0, location: answer.headers.location ?? '', body }),
            );
          },
        );
        asking.on('error', failed).end();
      });
    const redirected = await get('huggingface.co', '/org/m/resolve/main/model.gguf');
    const target = new URL(redirected.location);
    expect([redirected.status, target.origin]).toEqual([302, 'https://cdn-lfs.hf.co']);
    expect(await get('cdn-lfs.hf.co', target.pathname + target.search)).toMatchObject({ status: 200, body: 'weights' });
    await expect(get('evil.example', '/')).rejects.toThrow(/altnames/);
    await tls.close();
  });

  it('states in the README the fingerprint of the key it uses', () => {
    const folder = resolve(import.meta.dirname, '../tls');
    const { publicKey } = new X509Certificate(readFileSync(resolve(folder, 'cert.pem')));
    const der = publicKey.export({ type: 'spki', format: 'der' });
    expect(readFileSync(resolve(folder, 'README.md'), 'utf8')).toContain(
      createHash('sha256').update(der).digest('base64'),
    );
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './site.ts';
import { scratch, sparseSafetensors } from './sparse.ts';

let foreign: Server;
let address: string;
let asked: string[] = [];
let folder: string;
test.beforeAll(async () => {
  folder = scratch();
  foreign = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'text/javascript' }).end('export {}');
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
});
test.afterAll(() => {
  foreign.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the worker that reads files cannot reach a foreign origin by any means it has', async ({ page, browser }) => {
  test.setTimeout(120_000);
  // The means and the server do work where no policy holds them back, so their silence below means something.
  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(`${address}/page`);
  expect(await elsewhere.evaluate((url) => fetch(url).then((r) => r.ok), `${address}/control`)).toBe(true);
  await elsewhere.context().close();
  expect(asked).toContain('/control');
  asked = [];

  const path = join(folder, 'long.safetensors');
  // Long enough that the worker is at work while it is asked.
  sparseSafetensors(path, 12, 256 * 2 ** 20);
  const started = page.waitForEvent('worker');
  await page.goto('/');
  await page.locator('input[type=file]').first().setInputFiles(path);
  await page.getByRole('button', { name: 'Start' }).click();
  const worker = await started;
  // By the rules of the platform only a worker from a blob inherits the page's policy.
  expect(worker.url()).toMatch(/^blob:/);
  const outcome = await worker.evaluate(async (host) => {
    const tried = async (work: () => unknown): Promise<string> => {
      try {
        await work();
        return 'reached';
      } catch {
        return 'refused';
      }
    };
    const socket = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const ws = new WebSocket(host.replace('http', 'ws'));
        ws.addEventListener('open', resolve);
        ws.addEventListener('error', reject);
      });
    const events = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const source = new EventSource(`${host}/events`);
        source.addEventListener('open', resolve);
        source.addEventListener('error', reject);
      });
    const xhr = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.addEventListener('load', resolve);
        request.addEventListener('error', reject);
        request.open('GET', `${host}/xhr`);
        request.send();
      });
    const nested = (): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const code = `fetch('${host}/nested').then(() => postMessage(true), () => postMessage(false))`;
        const inner = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
        inner.addEventListener('message', ({ data }) => (data ? resolve(data) : reject(new Error('refused'))));
      });
    return {
      fetch: await tried(() => fetch(`${host}/fetch`)),
      opaque: await tried(() => fetch(`${host}/opaque`, { mode: 'no-cors' })),
      post: await tried(() => fetch(`${host}/post`, { method: 'POST', body: 'weights', mode: 'no-cors' })),
      import: await tried(() => import(/* @vite-ignore */ `${host}/module.js`)),
      socket: await tried(socket),
      events: await tried(events),
      xhr: await tried(xhr),
      nested: await tried(nested),
    };
  }, address);
  expect(outcome).toEqual({
    fetch: 'refused',
    opaque: 'refused',
    post: 'refused',
    import: 'refused',
    socket: 'refused',
    events: 'refused',
    xhr: 'refused',
    nested: 'refused',
  });
  expect(asked).toEqual([]);
});

/**
 * Keeps the app usable without a network. One cache; every file is kept under its address and revision, so an update
 * downloads only what changed, and a page always gets the files of the version it was started with.
 *
 * - Installing stores the program (all of it: after an update the host no longer has the old chunks).
 * - The page then asks to `fill`: the database shards and demo models follow in the background.
 * - A new version waits until the page says `activate`.
 * - Requests to other origins are not touched: gigabytes of weights must not pass through here (cloned, and cut off
 *   when the browser stops an idle service worker).
 * - Documents and scripts get the Content-Security-Policy as a header: the second layer behind the page's meta tag.
 */
import { SECURITY_POLICY } from './security-policy.ts';
import type { FillReply, ShellCommand } from './shell-protocol.ts';

interface ListedFile {
  readonly url: string;
  /** Null: the name holds a hash of the content. */
  readonly revision: string | null;
}

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly ListedFile[] };

const CACHE = 'assay-files';
/** Parallel downloads while filling: enough to hide latency, few enough to leave the line to the person. */
const PARALLEL = 6;
/** Large and not needed for the program to start: stored by `fill`, not while installing. */
const LATER = /^(?:db\/(?!manifest\.json$)|demo\/)/;

const scope = self.registration.scope;
/** Address → key in the cache. */
const files = new Map<string, string>();
const program: string[] = [];
for (const { url, revision } of self.__WB_MANIFEST) {
  const address = new URL(url, scope).href;
  files.set(address, revision === null ? address : `${address}?revision=${revision}`);
  if (!LATER.test(url)) program.push(address);
}
const INDEX = new URL('index.html', scope).href;

/** Stores one file unless it is there already. */
async function store(cache: Cache, address: string): Promise<void> {
  const key = files.get(address) ?? address;
  if (await cache.match(key)) return;
  // The HTTP cache may hold the previous version under the same name.
  const answer = await fetch(address, { cache: key === address ? 'default' : 'no-cache', credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  await cache.put(key, answer);
}

/** Stores all of `addresses`, a few at a time; `progress` hears how many are there. Returns how many failed. */
async function storeAll(addresses: readonly string[], progress: (stored: number) => void): Promise<number> {
  const cache = await caches.open(CACHE);
  let next = 0;
  let stored = 0;
  const line = async (): Promise<void> => {
    for (let address = addresses[next++]; address !== undefined; address = addresses[next++]) {
      try {
        await store(cache, address);
        progress(++stored);
      } catch {
        // Without a network every further try fails as well, after a wait each.
        if (!self.navigator.onLine) return;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, line));
  return addresses.length - stored;
}

/** Removes what this version does not use. */
async function prune(): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = new Set(files.values());
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
}

function guarded(answer: Response): Response {
  const type = answer.headers.get('content-type') ?? '';
  if (!/html|javascript/.test(type)) return answer;
  const headers = new Headers(answer.headers);
  headers.set('content-security-policy', SECURITY_POLICY);
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

async function answer(request: Request, address: string): Promise<Response> {
  const key = files.get(address);
  if (key === undefined) return guarded(await fetch(request));
  const cache = await caches.open(CACHE);
  const kept = await cache.match(key);
  if (kept) return guarded(kept);
  const fresh = await fetch(request);
  if (fresh.ok && fresh.status === 200) await cache.put(key, fresh.clone());
  return guarded(fresh);
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    storeAll(program, () => {}).then((missing) => {
      if (missing > 0) throw new Error(`${missing} files of the program could not be stored`);
    }),
  );
});

self.addEventListener('activate', (event) => {
  // The first visit's page is taken over as well: its later requests can then be answered from here.
  event.waitUntil(prune().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || !url.href.startsWith(scope)) return;
  // A part of a file is the network's business: a stored whole would be the wrong answer.
  if (request.headers.has('range')) return;
  url.hash = '';
  const screen = request.mode === 'navigate' && url.pathname === new URL(scope).pathname;
  if (!screen) url.search = '';
  event.respondWith(answer(request, screen || url.href === INDEX ? INDEX : url.href));
});

self.addEventListener('message', (event) => {
  const command = event.data as ShellCommand;
  if (command.type === 'activate') {
    event.waitUntil(self.skipWaiting());
    return;
  }
  const port = event.ports[0];
  if (!port) return;
  const all = [...files.keys()];
  const tell = (reply: FillReply): void => port.postMessage(reply);
  event.waitUntil(
    storeAll(all, (stored) => {
      if (stored % 8 === 0) tell({ stored, total: all.length, done: false });
    }).then((missing) => tell({ stored: all.length - missing, total: all.length, done: true })),
  );
});

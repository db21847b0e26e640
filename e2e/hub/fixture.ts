/** A running double over a temporary folder, for tests in Node. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Clock, FetchFn } from '../../src/core/bytes/transport.ts';
import { startHub, type HubOptions, type RunningHub } from '../hub-server.ts';

export interface HubFixture {
  readonly hub: RunningHub;
  readonly folder: string;
  /** Writes `org/name/revision/path`. */
  put(path: string, bytes: Uint8Array | string): Promise<void>;
  close(): Promise<void>;
}

export async function hubFixture(options: Omit<HubOptions, 'folder'> = {}): Promise<HubFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-hub-'));
  const hub = await startHub({ folder, ...options });
  return {
    hub,
    folder,
    async put(path, bytes) {
      const disk = join(folder, path);
      await mkdir(dirname(disk), { recursive: true });
      await writeFile(disk, bytes);
    },
    async close() {
      await hub.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A clock that notes pauses instead of making them. */
export function quickClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => Date.now(),
    random: () => 0.5,
    async sleep(ms) {
      pauses.push(ms);
    },
  };
}

const SAFELISTED = [
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
];

/**
 * Node's fetch with a browser's eyes: an answer without CORS permission is "Failed to fetch" with no reason, and of
 * the others only safelisted and exposed headers are seen (Fetch standard, CORS protocol).
 */
export function browserFetch(origin: string): FetchFn {
  return async (url, init) => {
    const headers = { ...(init.headers as Record<string, string> | undefined), origin };
    // undici never answers a no-cors request that is redirected to another origin; the wrapper decides what is seen.
    const response = await fetch(url, { ...init, mode: 'cors', headers }).catch((error: unknown) => {
      if (error instanceof DOMException) throw error;
      return null;
    });
    if (response === null) throw new TypeError('Failed to fetch');
    if (init.mode === 'no-cors') return response;
    const allowed = response.headers.get('access-control-allow-origin');
    if (allowed !== '*' && allowed !== origin) {
      await response.body?.cancel();
      throw new TypeError('Failed to fetch');
    }
    const exposed = (response.headers.get('access-control-expose-headers') ?? '').toLowerCase().split(',');
    const seen = new Headers(
      [...response.headers].filter(([name]) => SAFELISTED.includes(name) || exposed.includes(name)),
    );
    const filtered = new Response(response.body, { status: response.status, headers: seen });
    return Object.defineProperty(filtered, 'url', { value: response.url });
  };
}

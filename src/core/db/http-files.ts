/** The files of a database on a static host. */
import { AppError } from '../errors.ts';
import type { NetworkEvent } from '../progress.ts';
import type { DatabaseFiles } from './lookup.ts';

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * @param base address of the database's folder, ending in `/`
 * @param network told of every request
 */
export function httpDatabase(
  base: string,
  fetchFn: Fetch,
  network: (event: NetworkEvent) => void = () => undefined,
): DatabaseFiles {
  return {
    async get(path, most, signal) {
      const url = new URL(path, base).href;
      const log = (status: number, bytes: number): void =>
        network({ method: 'GET', url, status, bytes, at: Date.now() });
      let response: Response;
      try {
        response = await fetchFn(url, { credentials: 'omit', redirect: 'error', ...(signal ? { signal } : {}) });
      } catch (error) {
        if (signal?.aborted) throw new AppError('SOURCE_ABORTED', {}, error);
        log(0, 0);
        throw new AppError('SOURCE_OFFLINE', { url }, error);
      }
      if (response.status === 404 || response.status === 410) {
        log(response.status, 0);
        return null;
      }
      if (!response.ok) {
        log(response.status, 0);
        throw new AppError('SOURCE_HTTP', { url, status: response.status });
      }
      const bytes = await bounded(response, most, url);
      log(response.status, bytes.length);
      return bytes;
    },
  };
}

/** The body, refused as soon as it is longer than `most` bytes, whatever its headers say. */
async function bounded(response: Response, most: number, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (!piece || piece.done) break;
    length += piece.value.length;
    if (length > most) {
      await reader?.cancel();
      throw new AppError('SOURCE_TOO_LARGE', { url, most });
    }
    chunks.push(piece.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Every request that left this device, from workers and from the page, for the log in Settings. This visit only. */
import { AppError } from '../../core/errors.ts';
import type { NetworkEvent } from '../../core/progress.ts';

/** Older lines go; the sums stay. A full check of a large repository makes some thousands of requests. */
const LINES_KEPT = 1000;

export class NetworkLog {
  /** Newest last. */
  lines: readonly NetworkEvent[] = $state.raw([]);
  requests = $state(0);
  bytes = $state(0);

  add(event: NetworkEvent): void {
    this.requests += 1;
    this.bytes += event.bytes;
    this.lines = [...this.lines.slice(1 - LINES_KEPT), event];
  }

  /** A request of the page itself (its own files only), read whole and logged like those of the workers. */
  async read(url: string): Promise<Blob> {
    const at = Date.now();
    let status = 0;
    let bytes = 0;
    try {
      const answer = await fetch(url, { credentials: 'omit' });
      status = answer.status;
      if (!answer.ok) throw new AppError('SOURCE_HTTP', { url, status });
      const body = await answer.blob();
      bytes = body.size;
      return body;
    } catch (error) {
      throw error instanceof AppError ? error : new AppError('SOURCE_OFFLINE', { url }, error);
    } finally {
      this.add({ method: 'GET', url, status, bytes, at });
    }
  }
}

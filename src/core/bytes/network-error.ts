import { AppError } from '../errors.ts';
import { STALL_MS } from '../limits.ts';
import { systemClock, type HttpTransport } from './transport.ts';
import { watched } from './watched.ts';

/** Reasons that the next moment may not have. */
export const PASSING: readonly string[] = ['broken', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_SOCKET'];

/**
 * Why `fetch` rejected, as honestly as can be told.
 *
 * Node says it in `error.cause`. A browser says only "Failed to fetch" for a missing network, an unknown host, a broken
 * connection and a refusal by CORS alike; there, two more requests tell: one in `no-cors` mode shows whether the server
 * answers at all, one in `cors` mode whether it is the permission that is missing, so that the person can still
 * download the file and drop it, or the connection that broke a moment ago.
 */
export async function explainFetchFailure(
  error: unknown,
  url: URL,
  transport: HttpTransport,
  signal: AbortSignal,
): Promise<AppError> {
  const detail = { host: url.host };
  const offline = (reason: string): AppError => new AppError('SOURCE_OFFLINE', { ...detail, reason }, error);
  const reason = nodeReason(error);
  if (reason === 'redirect count exceeded')
    return new AppError('SOURCE_HTTP', { ...detail, reason: 'redirects' }, error);
  if (reason !== undefined) return offline(reason);
  if (transport.online?.() === false) return offline('offline');
  if (!(await answers('no-cors', url, transport, signal))) return offline('unreachable');
  if (await answers('cors', url, transport, signal)) return offline('broken');
  return new AppError('SOURCE_CORS', detail, error);
}

/** `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, or undici's sentence when it has no code. */
function nodeReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return undefined;
  const { code } = error.cause as { code?: unknown };
  return typeof code === 'string' ? code : error.cause.message.slice(0, 200);
}

async function answers(
  mode: 'cors' | 'no-cors',
  url: URL,
  transport: HttpTransport,
  signal: AbortSignal,
): Promise<boolean> {
  const stop = new AbortController();
  const at = (transport.clock ?? systemClock).now();
  let answered = false;
  try {
    const asking = transport.fetchFn(url.href, {
      method: 'GET',
      mode,
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: stop.signal,
    });
    await watched(asking, stop, signal, transport.stallMs ?? STALL_MS, url.host);
    answered = true;
  } catch {
    // No answer, or the signal fired: the caller looks at that next.
  }
  // Only the arrival of an answer was of interest, not its body.
  stop.abort();
  transport.network?.({ method: 'GET', url: withoutQuery(url.href), status: 0, bytes: 0, at });
  return answered;
}

/** For the network log: signed addresses carry their key in the query. */
export function withoutQuery(url: string): string {
  const parsed = new URL(url);
  return parsed.origin + parsed.pathname;
}

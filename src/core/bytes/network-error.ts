import { AppError } from '../errors.ts';
import { STALL_MS } from '../limits.ts';
import { systemClock, type HttpTransport } from './transport.ts';
import { watched } from './watched.ts';

/**
 * Why `fetch` rejected, as honestly as can be told.
 *
 * Node says it in `error.cause`. A browser says only "Failed to fetch" for a missing network, an unknown host and a
 * refusal by CORS alike; there, a second request in `no-cors` mode tells whether the server answers at all: if it does,
 * it is the permission that is missing, and the person can still download the file and drop it.
 */
export async function explainFetchFailure(
  error: unknown,
  url: URL,
  transport: HttpTransport,
  signal: AbortSignal,
): Promise<AppError> {
  const detail = { host: url.host };
  const reason = nodeReason(error);
  if (reason === 'redirect count exceeded')
    return new AppError('SOURCE_HTTP', { ...detail, reason: 'redirects' }, error);
  if (reason !== undefined) return new AppError('SOURCE_OFFLINE', { ...detail, reason }, error);
  if (transport.online?.() === false) return new AppError('SOURCE_OFFLINE', { ...detail, reason: 'offline' }, error);
  if (await answersAtAll(url, transport, signal)) return new AppError('SOURCE_CORS', detail, error);
  return new AppError('SOURCE_OFFLINE', { ...detail, reason: 'unreachable' }, error);
}

/** `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`, or undici's sentence when it has no code. */
function nodeReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return undefined;
  const { code } = error.cause as { code?: unknown };
  return typeof code === 'string' ? code : error.cause.message.slice(0, 200);
}

async function answersAtAll(url: URL, transport: HttpTransport, signal: AbortSignal): Promise<boolean> {
  const stop = new AbortController();
  const at = (transport.clock ?? systemClock).now();
  let answered = false;
  try {
    const asking = transport.fetchFn(url.href, {
      method: 'GET',
      mode: 'no-cors',
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

import { AppError, throwIfAborted } from '../errors.ts';
import { STALL_MS } from '../limits.ts';
import { owned } from './chunks.ts';
import { explainFetchFailure, withoutQuery } from './network-error.ts';
import { systemClock, type HttpTransport } from './transport.ts';
import { watched } from './watched.ts';

export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
}

/** One answer. Its body is read to the end or cancelled; either way the request is then told to the network log. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Final address after redirects. */
  readonly url: string;
  /**
   * The next bytes, or null at the end.
   * @throws AppError SOURCE_OFFLINE (connection broke), SOURCE_STALLED, SOURCE_ABORTED
   */
  read(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

/**
 * One GET. Never HEAD (CDNs answer it differently and refuse it across origins), never a header that needs a preflight
 * unless the caller brings an Authorization.
 *
 * @throws AppError SOURCE_FORBIDDEN_ORIGIN, SOURCE_OFFLINE, SOURCE_CORS, SOURCE_STALLED, SOURCE_ABORTED, SOURCE_HTTP
 * (redirect loop). A status is never thrown: every answer is returned.
 */
export async function request(address: string, options: RequestOptions, transport: HttpTransport): Promise<Answer> {
  const { signal } = options;
  throwIfAborted(signal);
  const url = allowedUrl(address, transport);
  const clock = transport.clock ?? systemClock;
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const at = clock.now();
  let bytes = 0;
  const done = (status: number, answered: string): void => {
    signal?.removeEventListener('abort', abort);
    const from = withoutQuery(url.href);
    const by = withoutQuery(answered);
    transport.network?.({ method: 'GET', url: from, ...(by === from ? {} : { answeredBy: by }), status, bytes, at });
  };
  const watch = <T>(promise: Promise<T>): Promise<T> =>
    watched(promise, stop, signal, transport.stallMs ?? STALL_MS, url.host);

  let response: Response;
  try {
    response = await watch(
      transport.fetchFn(url.href, {
        method: 'GET',
        headers: { ...options.headers },
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
        redirect: 'follow',
        signal: stop.signal,
      }),
    );
  } catch (error) {
    done(0, url.href);
    if (error instanceof AppError) throw error;
    const explained = await explainFetchFailure(error, url, transport, signal ?? new AbortController().signal);
    throwIfAborted(signal);
    throw explained;
  }

  const answered = response.url === '' ? url.href : response.url;
  const reader = response.body?.getReader();
  let open = true;
  const close = (): void => {
    if (open) done(response.status, answered);
    open = false;
  };
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    url: answered,
    async read() {
      if (reader === undefined || !open) return null;
      try {
        for (;;) {
          const { value, done: ended } = await watch(reader.read());
          if (ended) {
            close();
            return null;
          }
          bytes += value.length;
          if (value.length > 0) return owned(value);
        }
      } catch (error) {
        close();
        if (error instanceof AppError) throw error;
        const cause = error instanceof Error ? error.name : 'unknown';
        throw new AppError('SOURCE_OFFLINE', { host: url.host, reason: 'broken', cause }, error);
      }
    },
    async cancel() {
      if (!open) return;
      close();
      stop.abort();
      await reader?.cancel().catch(() => undefined);
    },
  };
  try {
    checkRedirect(url, new URL(answered), transport);
  } catch (error) {
    await answer.cancel();
    throw error;
  }
  return answer;
}

function allowedUrl(address: string, transport: HttpTransport): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch (error) {
    throw new AppError('SOURCE_FORBIDDEN_ORIGIN', { address: address.slice(0, 200), reason: 'address' }, error);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new AppError('SOURCE_FORBIDDEN_ORIGIN', { address: address.slice(0, 200), reason: 'scheme' });
  }
  // `https://user:password@host/`: fetch refuses these, and the log must not hold them.
  if (url.username !== '' || url.password !== '') {
    throw new AppError('SOURCE_FORBIDDEN_ORIGIN', { host: url.host, reason: 'credentials' });
  }
  if (transport.allows?.(url) === false) throw new AppError('SOURCE_FORBIDDEN_ORIGIN', { host: url.host });
  return url;
}

/** A redirect may change the host (the Hub's files live on a CDN), not leave encryption or what is allowed. */
function checkRedirect(asked: URL, answered: URL, transport: HttpTransport): void {
  if (asked.protocol === 'https:' && answered.protocol !== 'https:') {
    throw new AppError('SOURCE_FORBIDDEN_ORIGIN', { host: answered.host, reason: 'downgrade' });
  }
  if (answered.origin !== asked.origin && transport.allows?.(answered) === false) {
    throw new AppError('SOURCE_FORBIDDEN_ORIGIN', { host: answered.host });
  }
}

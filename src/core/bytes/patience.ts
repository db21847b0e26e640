import { AppError } from '../errors.ts';
import { HTTP_BACKOFF_MS, HTTP_RATE_LIMIT_MS, HTTP_TRIES, HTTP_WAIT_MAX_MS } from '../limits.ts';
import { PASSING } from './network-error.ts';
import { request, type Answer, type RequestOptions } from './request.ts';
import { systemClock, type Clock, type HttpTransport } from './transport.ts';

/** Answers that mean "later": the same request may well succeed. */
const LATER: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Pause before the try after `failures` failed ones: doubles, with jitter so that many clients do not return at once. */
export function backoff(failures: number, clock: Clock): number {
  return HTTP_BACKOFF_MS * 2 ** (failures - 1) * (0.5 + clock.random() / 2);
}

/**
 * Seconds a server asks to wait, or undefined when it does not say.
 * `Retry-After` (RFC 9110 §10.2.3: seconds or a date), else `RateLimit: "resolvers";r=0;t=55`
 * (draft-ietf-httpapi-ratelimit-headers-09, as the Hub sends it).
 */
export function statedPause(headers: Headers, now: number): number | undefined {
  const after = headers.get('retry-after')?.trim();
  if (after !== undefined && /^\d{1,9}$/.test(after)) return Number(after);
  // Date.parse alone would take nearly anything for a date, `-3` too.
  const date = after !== undefined && /^[A-Z][a-z]{2}, .{20,24}GMT$/.test(after) ? Date.parse(after) : Number.NaN;
  if (!Number.isNaN(date)) return Math.max(0, Math.ceil((date - now) / 1000));
  const t = /;\s*t=(\d{1,9})/.exec(headers.get('ratelimit') ?? '')?.[1];
  return t === undefined ? undefined : Number(t);
}

/**
 * A request that is made again, at most HTTP_TRIES times in all, while the server says "later" or the connection breaks
 * before an answer. The last answer is returned whatever its status; one that asks for a longer pause than
 * HTTP_WAIT_MAX_MS is returned at once.
 *
 * @throws AppError as `request` does
 */
export async function patientRequest(url: string, options: RequestOptions, transport: HttpTransport): Promise<Answer> {
  const clock = transport.clock ?? systemClock;
  for (let tries = 1; ; tries += 1) {
    const answer = await attempt(url, options, transport, tries === HTTP_TRIES);
    if (answer !== null && (!LATER.includes(answer.status) || tries === HTTP_TRIES)) return answer;
    const stated = answer === null ? undefined : statedPause(answer.headers, clock.now());
    // One second more than stated: the server rounds.
    const pause = stated === undefined ? unstatedPause(answer?.status, tries, clock) : (stated + 1) * 1000;
    if (answer !== null && pause > HTTP_WAIT_MAX_MS) return answer;
    await answer?.cancel();
    await clock.sleep(pause, options.signal);
  }
}

/** An answer, or null when the connection broke and there are tries left. */
async function attempt(
  url: string,
  options: RequestOptions,
  transport: HttpTransport,
  last: boolean,
): Promise<Answer | null> {
  try {
    return await request(url, options, transport);
  } catch (error) {
    const passing =
      error instanceof AppError && error.code === 'SOURCE_OFFLINE' && PASSING.includes(String(error.detail['reason']));
    if (last || !passing) throw error;
    return null;
  }
}

function unstatedPause(status: number | undefined, tries: number, clock: Clock): number {
  return status === 429 ? HTTP_RATE_LIMIT_MS * (1 + clock.random() / 4) : backoff(tries, clock);
}

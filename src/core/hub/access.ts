import { patientRequest } from '../bytes/patience.ts';
import type { Answer } from '../bytes/request.ts';
import { systemClock, type HttpTransport } from '../bytes/transport.ts';
import { AppError } from '../errors.ts';
import { JSON_BODY_MAX } from '../limits.ts';
import { hubError, type Asked } from './hub-error.ts';

export const HUB_ENDPOINT = 'https://huggingface.co';

/** How the Hub is reached. */
export interface HubAccess {
  readonly transport: HttpTransport;
  /** Origin, perhaps with a path, of the Hub or a mirror of it. Default `https://huggingface.co`. */
  readonly endpoint?: string;
  /** A user access token; sent to the endpoint's origin only. */
  readonly token?: string;
}

/** The endpoint without a slash at its end. */
export function endpointOf(access: HubAccess): string {
  return (access.endpoint ?? HUB_ENDPOINT).replace(/\/+$/, '');
}

/** @throws AppError HUB_UNAUTHORISED when the token has characters no header may hold */
export function authorization(access: HubAccess): string | undefined {
  if (access.token === undefined || access.token === '') return undefined;
  if (!/^[\x21-\x7e]+$/.test(access.token)) throw new AppError('HUB_UNAUTHORISED', { reason: 'token' });
  return `Bearer ${access.token}`;
}

/** A body that was read whole, within a cap. */
export interface HubBody {
  readonly bytes: Uint8Array;
  readonly headers: Headers;
  /** The address that answered, after redirects within the Hub. */
  readonly url: string;
}

/**
 * GET of a small thing from the Hub.
 * @throws AppError HUB_* by status; HUB_RESPONSE when the body is larger than `max` or comes from another origin;
 * SOURCE_* when there is no answer
 */
export async function hubGet(
  access: HubAccess,
  url: string,
  asked: Omit<Asked, 'token'>,
  max: number,
  signal: AbortSignal | undefined,
): Promise<HubBody> {
  const header = authorization(access);
  const headers = header === undefined ? {} : { authorization: header };
  const answer = await patientRequest(url, { headers, signal }, access.transport);
  try {
    if (answer.status !== 200) {
      const now = (access.transport.clock ?? systemClock).now();
      throw hubError(answer, { ...asked, token: header !== undefined }, now);
    }
    // Renamed repositories redirect within the Hub; nobody else may answer for it.
    if (new URL(answer.url).origin !== new URL(url).origin) {
      throw new AppError('HUB_RESPONSE', { repo: asked.repo, reason: 'origin', host: new URL(answer.url).host });
    }
    return { bytes: await readBody(answer, asked.repo, max), headers: answer.headers, url: answer.url };
  } finally {
    await answer.cancel();
  }
}

/** The body as JSON. @throws AppError HUB_RESPONSE {reason: 'json'} */
export async function hubJson(
  access: HubAccess,
  url: string,
  asked: Omit<Asked, 'token'>,
  signal: AbortSignal | undefined,
): Promise<{ readonly value: unknown; readonly headers: Headers; readonly url: string }> {
  const { bytes, ...rest } = await hubGet(access, url, asked, JSON_BODY_MAX, signal);
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown, ...rest };
  } catch (error) {
    throw new AppError('HUB_RESPONSE', { repo: asked.repo, reason: 'json' }, error);
  }
}

async function readBody(answer: Answer, repo: string, max: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await answer.read(); chunk !== null; chunk = await answer.read()) {
    size += chunk.length;
    if (size > max) throw new AppError('HUB_RESPONSE', { repo, reason: 'too-large', limit: max });
    chunks.push(chunk);
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

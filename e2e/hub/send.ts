/** Bodies, ranges and CORS headers as the Hub and its CDN send them, or as a test wants them broken. */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { find, type Wrong } from './misbehaviour.ts';

/** One request under way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly host: 'api' | 'cdn';
  readonly url: URL;
  readonly wrongs: readonly Wrong[];
  /** Counts what was handed to the network. */
  sent: number;
}

const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash,RateLimit,RateLimit-Policy';
const LAST_MODIFIED = 'Sun, 01 Jun 2025 12:00:00 GMT';

/** The Hub echoes the origin, its CDN allows any; a preflight is answered by the Hub alone. */
export function cors(exchange: Exchange): Record<string, string> {
  if (find(exchange.wrongs, 'no-cors') !== undefined || exchange.request.headers.origin === undefined) return {};
  const exposed =
    find(exchange.wrongs, 'hide-headers') === undefined ? { 'Access-Control-Expose-Headers': EXPOSED } : {};
  if (exchange.host === 'cdn') return { 'Access-Control-Allow-Origin': '*', ...exposed };
  return { 'Access-Control-Allow-Origin': exchange.request.headers.origin, Vary: 'Origin', ...exposed };
}

export function sendText(exchange: Exchange, status: number, body: string, headers: Record<string, string> = {}): void {
  const gzip = find(exchange.wrongs, 'gzip') !== undefined;
  const bytes = gzip ? gzipSync(body) : Buffer.from(body);
  exchange.response.writeHead(status, {
    ...cors(exchange),
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(bytes.length),
    ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
    ...headers,
  });
  exchange.sent += bytes.length;
  exchange.response.end(exchange.request.method === 'HEAD' ? undefined : bytes);
}

/** The Hub's error shape: code and message in headers, message again in the body. */
export function sendError(exchange: Exchange, status: number, code: string | undefined, message: string): void {
  const headers = { ...(code === undefined ? {} : { 'X-Error-Code': code }), 'X-Error-Message': message };
  sendText(exchange, status, JSON.stringify({ error: message }), headers);
}

export interface Body {
  readonly size: number;
  readonly etag: string;
  /** Bytes [start, end). */
  open(start: number, end: number): Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

export function fileBody(disk: string, size: number, etag: string, headers: Record<string, string> = {}): Body {
  const open = (start: number, end: number): Readable =>
    end <= start ? Readable.from([]) : createReadStream(disk, { start, end: end - 1, highWaterMark: 256 * 1024 });
  return { size, etag, open, headers };
}

/** Sends a file or the one range asked for. */
export async function sendBody(exchange: Exchange, body: Body): Promise<void> {
  const { request, response, wrongs } = exchange;
  const etagChange = find(wrongs, 'change-etag');
  const contentChange = find(wrongs, 'change-content');
  const etag = etagChange === undefined ? (contentChange?.etag ?? body.etag) : etagChange.etag;
  const headers: Record<string, string> = {
    ...cors(exchange),
    'Content-Type': 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    'Last-Modified': LAST_MODIFIED,
    ...(etag === null ? {} : { ETag: etag }),
    ...body.headers,
  };
  if (etag === null) delete headers['Last-Modified'];
  for (const name of find(wrongs, 'omit-headers')?.names ?? []) delete headers[name];

  const asked = find(wrongs, 'ignore-range') === undefined ? parseRange(request.headers.range, body.size) : undefined;
  if (asked === 'outside') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${body.size}`, 'Content-Length': '0' }).end();
    return;
  }
  const { start, end } = asked ?? { start: 0, end: body.size };
  if (asked !== undefined) {
    const lie = find(wrongs, 'lie-content-range');
    const honest = `bytes ${start}-${end - 1}/${body.size}`;
    const said = lie === undefined ? honest : (lie.header ?? `bytes ${start + 1}-${end}/${body.size + 1}`);
    if (find(wrongs, 'omit-headers')?.names.includes('Content-Range') !== true) headers['Content-Range'] = said;
  }
  const unsized = find(wrongs, 'short') ?? find(wrongs, 'longer');
  const gzip = find(wrongs, 'gzip') !== undefined;
  if (gzip) headers['Content-Encoding'] = 'gzip';
  else if (unsized === undefined) headers['Content-Length'] = String(end - start);
  for (const name of find(wrongs, 'omit-headers')?.names ?? []) delete headers[name];
  response.writeHead(asked === undefined ? 200 : 206, headers);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const shift = find(wrongs, 'shift-body')?.by ?? 0;
  const chunks = body.open(start + shift, Math.min(end + shift, body.size));
  if (gzip) {
    const all = gzipSync(Buffer.concat((await chunks.toArray()) as Buffer[]));
    exchange.sent += all.length;
    response.end(all);
    return;
  }
  await pour(exchange, chunks, start, Number(headers['Content-Length'] ?? 0));
}

/** Hands the chunks to the network, one after another, with everything a test wants to go wrong on the way. */
async function pour(exchange: Exchange, chunks: Readable, start: number, promised: number): Promise<void> {
  const { response, wrongs } = exchange;
  const change = find(wrongs, 'change-content');
  const slow = find(wrongs, 'slow');
  const cut = find(wrongs, 'truncate') ?? find(wrongs, 'short') ?? find(wrongs, 'stall');
  const longer = find(wrongs, 'longer');
  const limit = cut?.bytes ?? Infinity;
  let sent = 0;
  for await (const read of chunks) {
    let chunk = Buffer.from(read as Buffer);
    if (change !== undefined) {
      const from = (change.from ?? 0) - start - sent;
      for (let i = Math.max(0, from); i < chunk.length; i += 1) chunk[i] = 255 - chunk[i]!;
    }
    chunk = chunk.subarray(0, limit - sent);
    const step = slow?.bytes ?? chunk.length;
    for (let i = 0; i < chunk.length; i += step) {
      const piece = chunk.subarray(i, i + step);
      sent += piece.length;
      exchange.sent += piece.length;
      if (!response.write(piece)) await drained(response);
      if (slow !== undefined) await pause(slow.ms);
      if (response.destroyed) return;
    }
    if (sent >= limit) break;
  }
  chunks.destroy();
  if (cut?.kind === 'stall') return;
  if (cut?.kind === 'truncate') {
    // Whatever is still in the buffers is meant to arrive before the connection breaks.
    await pause(20);
    response.destroy();
    return;
  }
  // The file shrank meanwhile: a body that ends early has to look like one.
  if (sent < promised) response.destroy();
  else response.end(longer === undefined || cut !== undefined ? undefined : Buffer.alloc(longer.bytes));
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
}

function parseRange(header: string | undefined, size: number): { start: number; end: number } | 'outside' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, first, last] = match;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  return start < end ? { start, end } : 'outside';
}

/**
 * A double of Hugging Face for tests: the Hub's API and its CDN, on two origins, from a folder
 * `<folder>/<org>/<name>/<revision>/files…`, with every misbehaviour a client has to survive.
 *
 * By itself: `node e2e/hub-server.mjs <folder> [port]`.
 */
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { serveApi, serveCdn, type Hub } from './hub/api.ts';
import { find, Manners, type Misbehaviour } from './hub/misbehaviour.ts';
import { Repositories } from './hub/repositories.ts';
import { cors, sendError, sendText, type Exchange } from './hub/send.ts';

export type { Misbehaviour, Wrong } from './hub/misbehaviour.ts';

export interface HubOptions {
  readonly folder: string;
  /**
   * True: one HTTPS port serves both origins by their real names, `huggingface.co` and `cdn-lfs.hf.co`, with the test
   * certificate in `e2e/tls`. For a browser started with `--host-resolver-rules=MAP huggingface.co 127.0.0.1:<port>,
   * MAP *.hf.co 127.0.0.1:<port>` and `--ignore-certificate-errors-spki-list=<spki>`.
   */
  readonly tls?: boolean;
  /** Default: any free one. */
  readonly port?: number;
  /** Entries of one page of a tree. Default 1,000, as the Hub's. */
  readonly pageSize?: number;
}

/** One request as it arrived. */
export interface Logged {
  readonly method: string;
  readonly host: 'api' | 'cdn';
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** 0 while under way or when the connection was closed without an answer. */
  readonly status: number;
  /** Bytes of body handed to the network. */
  readonly bytes: number;
}

export interface RunningHub {
  /** Origin of the API: give it as endpoint. */
  readonly url: string;
  readonly cdnUrl: string;
  readonly port: number;
  /** Adds a misbehaviour; returns nothing, `behave` ends all of them. */
  misbehave(rule: Misbehaviour): void;
  behave(): void;
  readonly log: readonly Logged[];
  close(): Promise<void>;
}

const TLS = resolve(import.meta.dirname, 'tls');

export async function startHub(options: HubOptions): Promise<RunningHub> {
  const repositories = new Repositories(options.folder);
  const manners = new Manners();
  const log: Logged[] = [];
  const pageSize = options.pageSize ?? 1000;
  const servers: Server[] = [];
  let urls = { apiUrl: 'https://huggingface.co', cdnUrl: 'https://cdn-lfs.hf.co' };

  const listener =
    (hostOf: (request: IncomingMessage) => 'api' | 'cdn'): RequestListener =>
    (request, response) => {
      const host = hostOf(request);
      void serve({ repositories, pageSize, ...urls }, manners, log, host, request, response);
    };

  if (options.tls === true) {
    const pair = { key: readFileSync(resolve(TLS, 'key.pem')), cert: readFileSync(resolve(TLS, 'cert.pem')) };
    const byName = (request: IncomingMessage): 'api' | 'cdn' =>
      /^huggingface[.]co(:\d+)?$/.test(request.headers.host ?? '') ? 'api' : 'cdn';
    servers.push(https.createServer(pair, listener(byName)));
    await listen(servers[0]!, options.port ?? 0);
  } else {
    servers.push(http.createServer(listener(() => 'api')), http.createServer(listener(() => 'cdn')));
    await listen(servers[0]!, options.port ?? 0);
    await listen(servers[1]!, 0);
    urls = { apiUrl: origin(servers[0]!), cdnUrl: origin(servers[1]!) };
  }

  return {
    url: urls.apiUrl,
    cdnUrl: urls.cdnUrl,
    port: (servers[0]!.address() as AddressInfo).port,
    misbehave: (rule) => manners.add(rule),
    behave: () => manners.clear(),
    log,
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', () => done());
  });
}

function origin(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(
  hub: Hub,
  manners: Manners,
  log: Logged[],
  host: 'api' | 'cdn',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', host === 'api' ? hub.apiUrl : hub.cdnUrl);
  const where = `${host}${decodeURIComponent(url.pathname)}`;
  const wrongs = request.method === 'OPTIONS' ? [] : manners.of(where);
  const exchange: Exchange = { request, response, host, url, wrongs, sent: 0 };
  const { method = '', headers } = request;
  log.push({
    method,
    host,
    path: url.pathname,
    query: url.search,
    headers,
    get status() {
      return response.headersSent ? response.statusCode : 0;
    },
    get bytes() {
      return exchange.sent;
    },
  });
  try {
    await answer(hub, exchange);
  } catch (error) {
    if (!response.headersSent) sendError(exchange, 500, undefined, String(error));
    else response.destroy();
  }
}

async function answer(hub: Hub, exchange: Exchange): Promise<void> {
  const { request, response, wrongs, url, host } = exchange;
  if (request.method === 'OPTIONS') {
    // Seen in the wild: the Hub answers preflights, its CDN does not.
    const allowed = host === 'cdn' ? {} : { ...cors(exchange), 'Access-Control-Allow-Headers': 'authorization' };
    response.writeHead(host === 'cdn' ? 403 : 200, { ...allowed, 'Content-Length': '0' }).end();
    return;
  }
  if (find(wrongs, 'drop') !== undefined) return void response.destroy();
  if (find(wrongs, 'stall')?.bytes === -1) return;
  const status = find(wrongs, 'status');
  if (status !== undefined)
    return sendText(exchange, status.status, status.body ?? '{"error":"as asked"}', { ...status.headers });
  const redirect = find(wrongs, 'redirect');
  const to = find(wrongs, 'redirect-loop') === undefined ? redirect?.to : url.href;
  if (to !== undefined) return sendText(exchange, redirect?.status ?? 302, 'Found', { Location: to });
  await (host === 'api' ? serveApi(hub, exchange) : serveCdn(hub, exchange));
}

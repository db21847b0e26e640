/** The Hub's addresses: `/api/models/…`, `/<repo>/resolve|raw|blob|tree/<revision>/<path>`, and the CDN behind them. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { find } from './misbehaviour.ts';
import type { Commit, RepoFile, Repositories } from './repositories.ts';
import { cors, fileBody, sendBody, sendError, sendText, type Body, type Exchange } from './send.ts';

export interface Hub {
  readonly repositories: Repositories;
  /** Origins as clients see them. */
  readonly apiUrl: string;
  readonly cdnUrl: string;
  /** Entries of one page of a tree. The Hub's is 1,000. */
  readonly pageSize: number;
}

export async function serveApi(hub: Hub, exchange: Exchange): Promise<void> {
  const parts = exchange.url.pathname.split('/').slice(1).map(decodeURIComponent);
  if (parts[0] === 'api' && parts[1] === 'models') return serveModels(hub, exchange, parts.slice(2));
  const repo = takeRepo(hub, parts);
  if (repo === undefined) return missing(exchange);
  const [verb, revision, ...path] = repo.rest;
  if (verb === undefined || revision === undefined) return sendText(exchange, 200, page(repo.name), HTML);
  const commit = (await hub.repositories.history(repo.name, revision))?.[0];
  if (commit === undefined) return sendError(exchange, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
  const file = commit.files.find((one) => one.path === path.join('/'));
  if (file === undefined) return sendError(exchange, 404, 'EntryNotFound', 'Entry not found');
  if (verb === 'raw') return sendBody(exchange, pointerOrFile(file, commit));
  if (verb === 'resolve') return resolve(hub, exchange, repo.name, file, commit);
  return sendText(exchange, 200, page(repo.name), HTML);
}

export async function serveCdn(hub: Hub, exchange: Exchange): Promise<void> {
  const parts = exchange.url.pathname.split('/').slice(2).map(decodeURIComponent);
  const repo = takeRepo(hub, parts);
  const [id, ...path] = repo?.rest ?? [];
  const commit = repo && id && (await hub.repositories.history(repo.name, id))?.[0];
  const file = commit && commit.files.find((one) => one.path === path.join('/'));
  if (!file || !exchange.url.searchParams.has('X-Signature')) {
    return sendText(exchange, 403, '<Error><Code>AccessDenied</Code></Error>', { 'Content-Type': 'application/xml' });
  }
  return sendBody(exchange, fileBody(file.disk, file.size, `"${file.lfs?.oid ?? file.blobId}"`));
}

const HTML = { 'Content-Type': 'text/html; charset=utf-8' };

function page(name: string): string {
  return `<!doctype html><html><title>${name}</title><body>The page of a repository, not a file.</body></html>`;
}

/** The Hub answers 401 to strangers for what is missing and for what is private alike. */
function missing(exchange: Exchange): void {
  if (exchange.request.headers.authorization === undefined) {
    return sendError(exchange, 401, undefined, 'Invalid username or password.');
  }
  return sendError(exchange, 404, 'RepoNotFound', 'Repository not found');
}

function takeRepo(hub: Hub, parts: readonly string[]): { name: string; rest: readonly string[] } | undefined {
  const two = parts.slice(0, 2).join('/');
  if (parts.some((part) => part === '..' || part === '')) return undefined;
  if (parts.length >= 2 && hub.repositories.has(two)) return { name: two, rest: parts.slice(2) };
  // A bare legacy name such as gpt2.
  if (parts[0] !== undefined && hub.repositories.has(parts[0])) return { name: parts[0], rest: parts.slice(1) };
  return undefined;
}

async function serveModels(hub: Hub, exchange: Exchange, parts: readonly string[]): Promise<void> {
  const repo = takeRepo(hub, parts);
  if (repo === undefined) return missing(exchange);
  const [verb = 'revision', revision = 'main', ...path] = repo.rest;
  const history = await hub.repositories.history(repo.name, revision);
  if (history === undefined) return sendError(exchange, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
  const huge = find(exchange.wrongs, 'huge-json');
  if (huge !== undefined) return endless(exchange);
  const wrong = find(exchange.wrongs, 'json');
  if (wrong !== undefined) return sendText(exchange, 200, wrong.body);
  if (verb === 'revision') return sendText(exchange, 200, JSON.stringify(info(repo.name, history[0]!)));
  if (verb === 'tree') return paged(hub, exchange, entries(history[0]!.files, path.join('/')), hub.pageSize);
  if (verb === 'commits') return paged(hub, exchange, history.map(listed), 1000);
  return sendError(exchange, 404, undefined, "Sorry, we can't find the page you are looking for.");
}

function info(name: string, commit: Commit): object {
  return {
    _id: createHash('md5').update(name).digest('hex').slice(0, 24),
    id: name,
    modelId: name,
    author: name.split('/')[0],
    sha: commit.id,
    lastModified: commit.date,
    private: false,
    gated: false,
    disabled: false,
    tags: [],
    downloads: 0,
    likes: 0,
    siblings: commit.files.map((file) => ({ rfilename: file.path })),
  };
}

function listed(commit: Commit): object {
  const authors = [{ user: 'someone', avatar: 'https://aeiljuispo.cloudimg.io/none.png' }];
  return { id: commit.id, title: commit.title, message: '', date: commit.date, authors };
}

/** Files below a folder and the folders themselves, in the order of their paths, as `recursive=true` lists them. */
function entries(files: readonly RepoFile[], below: string): object[] {
  const inside = files.filter((file) => below === '' || file.path.startsWith(`${below}/`));
  const folders = new Set(inside.flatMap((file) => parents(file.path)).filter((path) => path.length > below.length));
  const all = [
    ...[...folders].map((path) => ({
      type: 'directory',
      oid: createHash('sha1').update(path).digest('hex'),
      size: 0,
      path,
    })),
    ...inside.map((file) => ({
      type: 'file',
      oid: file.blobId,
      size: file.size,
      ...(file.lfs === undefined
        ? {}
        : { lfs: { oid: file.lfs.oid, size: file.size, pointerSize: file.lfs.pointer.length } }),
      path: file.path,
    })),
  ];
  return all.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

function paged(hub: Hub, exchange: Exchange, items: readonly object[], size: number): void {
  const { searchParams, pathname } = exchange.url;
  const limit = Math.min(Number(searchParams.get('limit') ?? size), size);
  const from = Number(searchParams.get('cursor') ?? 0);
  const next = new URL(pathname + exchange.url.search, hub.apiUrl);
  next.searchParams.set('cursor', String(from + limit));
  const wrong = find(exchange.wrongs, 'next');
  const more = wrong?.to ?? (from + limit < items.length ? next.href : undefined);
  const headers: Record<string, string> = more === undefined ? {} : { Link: `<${more}>; rel="next"` };
  sendText(exchange, 200, JSON.stringify(items.slice(from, from + limit)), headers);
}

function endless(exchange: Exchange): Promise<void> {
  const { response } = exchange;
  response.writeHead(200, { ...cors(exchange), 'Content-Type': 'application/json' });
  const line = `{"type":"file","oid":"${'0'.repeat(40)}","size":1,"path":"${'a'.repeat(60_000)}"},`;
  const many = Readable.from(
    (function* () {
      yield '[';
      for (;;) yield line;
    })(),
  );
  many.pipe(response);
  return new Promise((done) => response.on('close', () => done(void many.destroy())));
}

function pointerOrFile(file: RepoFile, commit: Commit): Body {
  const headers = { 'X-Repo-Commit': commit.id };
  const pointer = file.lfs?.pointer;
  if (pointer === undefined) return fileBody(file.disk, file.size, `"${file.blobId}"`, headers);
  const bytes = Buffer.from(pointer);
  const open = (start: number, end: number): Readable => Readable.from([bytes.subarray(start, end)]);
  return { size: bytes.length, etag: `"${file.blobId}"`, open, headers };
}

/** Files in LFS are on the CDN, under a signed address; others come from the Hub itself. */
function resolve(hub: Hub, exchange: Exchange, repo: string, file: RepoFile, commit: Commit): Promise<void> | void {
  if (file.lfs === undefined) return sendBody(exchange, pointerOrFile(file, commit));
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  const location = `${hub.cdnUrl}/repos/${repo}/${commit.id}/${path}?X-Expires=3600&X-Signature=${file.lfs.oid.slice(0, 16)}`;
  sendText(exchange, 302, `Found. Redirecting to ${location}`, {
    'Content-Type': 'text/plain; charset=utf-8',
    Location: location,
    'X-Repo-Commit': commit.id,
    'X-Linked-Size': String(file.size),
    'X-Linked-ETag': `"${file.lfs.oid}"`,
  });
}

/** A small static server for the built site: correct types, Range, no caching surprises, loopback only by default. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Serves a folder.
 * @param {{ dir: string, port?: number, host?: string, prefix?: string }} options `prefix`: path the site lives under, such as `/repo/`
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serve({ dir, port = 0, host = '127.0.0.1', prefix = '/' }) {
  const server = createServer(async (request, response) => {
    const answer = (status, text) =>
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'only GET');
    let path;
    try {
      path = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    } catch {
      return answer(400, 'bad address');
    }
    if (!path.startsWith(prefix)) return answer(404, 'not found');
    path = path.slice(prefix.length - 1);
    if (path.endsWith('/')) path += 'index.html';
    const file = normalize(join(dir, path));
    if (!file.startsWith(normalize(dir) + sep) || path.includes('\0')) return answer(404, 'not found');
    const info = await stat(file).catch(() => null);
    if (!info?.isFile()) return answer(404, 'not found');
    const headers = {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cache-control': path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'last-modified': info.mtime.toUTCString(),
      etag: `"${info.size.toString(36)}-${Math.trunc(info.mtimeMs).toString(36)}"`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    };
    if (request.headers['if-none-match'] === headers.etag) return response.writeHead(304, headers).end();
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    let start = 0;
    let end = info.size;
    if (range) {
      start = Number(range[1]);
      end = range[2] ? Math.min(Number(range[2]) + 1, info.size) : info.size;
      if (start >= info.size || end <= start)
        return response.writeHead(416, { 'content-range': `bytes */${info.size}` }).end();
      headers['content-range'] = `bytes ${start}-${end - 1}/${info.size}`;
    }
    response.writeHead(range ? 206 : 200, { ...headers, 'content-length': end - start });
    if (request.method === 'HEAD' || end === start) return response.end();
    const stream = createReadStream(file, { start, end: end - 1 });
    stream.on('error', () => response.destroy());
    stream.pipe(response);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const actual = server.address().port;
  return {
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${actual}${prefix}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { url } = await serve({ dir: process.argv[2] ?? 'dist/site', port: Number(process.argv[3] ?? 4173) });
  console.log(url);
}

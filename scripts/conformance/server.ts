import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

/** Serves folders under path prefixes to a browser on this machine, and an empty page at `/`. */
export async function serveCases(
  folders: Readonly<Record<string, string>>,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(folders, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname), response).catch(() =>
      response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  folders: Readonly<Record<string, string>>,
  path: string,
  response: ServerResponse,
): Promise<void> {
  if (path === '/') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>conformance</title>');
    return;
  }
  const found = Object.entries(folders).find(([prefix]) => path.startsWith(prefix));
  const file = found === undefined ? null : inside(found[1], path.slice(found[0].length));
  const info = file === null ? null : await stat(file).catch(() => null);
  if (file === null || !info?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const type = extname(file) === '.js' ? 'text/javascript' : 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'content-length': info.size });
  createReadStream(file).pipe(response);
}

/** The file below the folder; null for anything that leads out. */
function inside(folder: string, path: string): string | null {
  const file = normalize(join(folder, path));
  return file.startsWith(normalize(folder) + sep) && !path.includes('\0') ? file : null;
}

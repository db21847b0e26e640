/** `node e2e/hub-server.mjs <folder> [port]`: the Hub double by itself, until interrupted. */
import { resolve } from 'node:path';
import { runnerImport } from 'vite';

const [folder, port] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node e2e/hub-server.mjs <folder of org/name/revision/files> [port]');
  process.exit(2);
}
const { module } = await runnerImport(resolve(import.meta.dirname, 'hub-server.ts'), { configFile: false });
const hub = await module.startHub({ folder: resolve(folder), ...(port === undefined ? {} : { port: Number(port) }) });
console.log(`API ${hub.url}  CDN ${hub.cdnUrl}`);

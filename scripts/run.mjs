/** Shared by the scripts: where the project is, and running a tool with its output shown. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs `node_modules/.bin`-style tools by their JavaScript entry, so that it works without a shell on any system. */
export function node(args, options = {}) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', ...options });
}

/** The path of a package's command as a script for Node. */
export function bin(pkg, name = pkg) {
  const folder = join(root, 'node_modules', ...pkg.split('/'));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const entry = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin[name];
  return join(folder, entry);
}

/** Installs dependencies when they are missing or the lock file has changed since. */
export function ensureInstalled() {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const stamp = join(root, 'node_modules', '.assay-lock');
  const wanted = createHash('sha256').update(lock).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const inner = join(root, 'node_modules', '.package-lock.json');
  const fresh = existsSync(inner) && statSync(inner).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
  if (!fresh) {
    console.log('Installing dependencies …');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    // Not `npm ci`: it refuses a lock file that lacks optional packages of other platforms, which npm leaves out where a
    // registry does not have them. This keeps every locked version, adds what this platform needs, changes no file.
    const done = spawnSync(npm, ['install', '--no-save', '--no-audit', '--no-fund'], {
      cwd: root,
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    if (done.status !== 0) throw new Error('npm install failed; its last lines say why.');
  }
  writeFileSync(stamp, wanted);
}

/** Says so in one line when this Node is too old. */
export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Assay needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(2);
}

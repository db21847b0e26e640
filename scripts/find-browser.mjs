/**
 * Finds a Chromium-based browser to drive: one on PATH, one Playwright has downloaded, else one it may install.
 * Playwright's own download is tried last but one because many networks refuse it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'msedge',
];
const WELL_KNOWN = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

function onPath() {
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  for (const name of NAMES) {
    for (const dir of (process.env.PATH ?? '').split(delimiter)) {
      for (const ending of endings) {
        const file = join(dir, name + ending);
        try {
          accessSync(file, constants.X_OK);
          return file;
        } catch {
          // Not here; look on.
        }
      }
    }
  }
  return WELL_KNOWN.find((file) => existsSync(file)) ?? null;
}

function playwrightOwn() {
  const file = chromium.executablePath();
  return file && existsSync(file) ? file : null;
}

/** True when Debian's package manager is here and this user may use it. */
function mayUseApt() {
  return (
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0
  );
}

function installWithApt() {
  const run = (args) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  return run(['update', '-qq']) && run(['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
}

/**
 * @param {{ install?: boolean }} [options] `install`: try to get a browser when none is found.
 * @returns {string} path of an executable
 * @throws {Error} with one line that says what to do
 */
export function findBrowser({ install = false } = {}) {
  const named = process.env.ASSAY_BROWSER;
  if (named) {
    if (!existsSync(named)) throw new Error(`ASSAY_BROWSER names ${named}, which does not exist.`);
    return named;
  }
  const found = onPath() ?? playwrightOwn();
  if (found) return found;
  if (install && mayUseApt()) {
    console.log('No browser found. Installing Debian’s chromium …');
    if (installWithApt()) {
      const installed = onPath();
      if (installed) return installed;
    }
  }
  if (install) {
    console.log('No browser found. Asking Playwright for its Chromium …');
    try {
      execFileSync(process.execPath, [join('node_modules', 'playwright', 'cli.js'), 'install', 'chromium'], {
        stdio: 'inherit',
        timeout: 180_000,
      });
    } catch {
      // The message below says what to do.
    }
    const own = playwrightOwn();
    if (own) return own;
  }
  throw new Error(
    'No browser found: install Chromium, Chrome or Edge, or set ASSAY_BROWSER to its executable, then run this again.',
  );
}

/** Flags every test run of a browser needs: quiet, no background requests, works as root in a container. */
export function browserFlags() {
  const flags = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
  ];
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  return flags;
}

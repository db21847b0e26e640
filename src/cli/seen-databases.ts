/**
 * The highest sequence of each remote database that was used on this machine, so that an older copy served later is
 * noticed (`DB_ROLLED_BACK`). Databases in folders are the user's own files and are not remembered.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

type Seen = Readonly<Record<string, number>>;

/** Addresses kept; the oldest go first. */
const KEPT = 200;

/** Where the record is: the XDG state folder, or what the system has in its place. */
export function seenFile(env: NodeJS.ProcessEnv): string {
  const state = env['XDG_STATE_HOME'] || env['LOCALAPPDATA'] || join(homedir(), '.local', 'state');
  return join(state, 'assay', 'databases.json');
}

/** The address to remember a database by, from `--db`; null for folders and for the one beside this program. */
export function rememberedAs(db: string | undefined): string | null {
  if (db === undefined || !URL.canParse(db)) return null;
  const url = new URL(db);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  // Neither a password nor a trailing slash makes it another database.
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}/`;
}

/** The highest sequence seen of this database; null when it was never used, or the record cannot be read. */
export async function seenSequence(file: string, address: string): Promise<number | null> {
  const seen = await readSeen(file);
  return Object.hasOwn(seen, address) ? seen[address]! : null;
}

/** Notes a sequence when it is higher than the one before. A record that cannot be written is no reason to fail. */
export async function noteSequence(file: string, address: string, sequence: number): Promise<void> {
  const seen = await readSeen(file);
  if ((Object.hasOwn(seen, address) ? seen[address]! : -1) >= sequence) return;
  const others = Object.entries(seen).filter(([known]) => known !== address);
  const kept = Object.fromEntries([...others, [address, sequence] as const].slice(-KEPT));
  try {
    await mkdir(dirname(file), { recursive: true });
    // Two runs at once: each writes a whole file of its own, the later one stays.
    const draft = `${file}.${process.pid}`;
    await writeFile(draft, `${JSON.stringify(kept, null, 2)}\n`);
    await rename(draft, file);
  } catch {
    // A read-only home: the next run knows as little as this one did.
  }
}

async function readSeen(file: string): Promise<Seen> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(Object.entries(value).filter(([, n]) => Number.isSafeInteger(n) && n >= 0)) as Seen;
  } catch {
    return {};
  }
}

/** A TUF repository in memory that tests can change and break, served by a `fetch` of its own. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { HttpTransport } from '../../../../bytes/transport.ts';
import { systemClock } from '../../../../bytes/transport.ts';
import type { NetworkEvent } from '../../../../progress.ts';

export const BASE = 'https://tuf.example/';
export const NOW = '2026-11-21T12:00:00Z';
const SOON = '2026-11-28T00:00:00Z';

export interface Key {
  readonly id: string;
  readonly pem: string;
  readonly private: KeyObject;
}

export function newKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { id: createHash('sha256').update(pem).digest('hex'), pem, private: privateKey };
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Canonical JSON of OLPC: keys sorted, nothing between, in texts only quotes and backslashes escaped. */
function canonical(value: Json): string {
  if (typeof value === 'string') return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [key: string]: Json });
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`)
    .join(',')}}`;
}

export function signed(body: { readonly [key: string]: Json }, keys: readonly Key[]): Buffer {
  const text = Buffer.from(canonical(body));
  const signatures = keys.map((key) => ({ keyid: key.id, sig: sign('sha256', text, key.private).toString('hex') }));
  return Buffer.from(JSON.stringify({ signatures, signed: body }, null, 1));
}

interface RoleKeys {
  readonly root: readonly Key[];
  readonly timestamp: readonly Key[];
  readonly snapshot: readonly Key[];
  readonly targets: readonly Key[];
}

export interface RootOptions {
  readonly keys: RoleKeys;
  readonly threshold?: number;
  readonly version: number;
  readonly expires?: string;
  readonly consistent?: boolean;
  /** Who signs; default: the keys of the root role. */
  readonly by?: readonly Key[];
}

export function rootJson({ keys, threshold = 2, version, expires = SOON, consistent = true, by }: RootOptions): Buffer {
  const all = Object.values(keys).flat() as readonly Key[];
  const role = (of: readonly Key[], least: number): Json => ({ keyids: of.map(({ id }) => id), threshold: least });
  return signed(
    {
      _type: 'root',
      spec_version: '1.0.31',
      version,
      expires,
      consistent_snapshot: consistent,
      keys: Object.fromEntries(
        all.map(({ id, pem }) => [id, { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval: { public: pem } }]),
      ),
      roles: {
        root: role(keys.root, threshold),
        timestamp: role(keys.timestamp, 1),
        snapshot: role(keys.snapshot, 1),
        targets: role(keys.targets, threshold),
      },
    },
    by ?? keys.root,
  );
}

export function newKeys(): RoleKeys {
  const holders = [newKey(), newKey(), newKey()];
  const online = [newKey()];
  return { root: holders, targets: holders, timestamp: online, snapshot: online };
}

export interface Versions {
  readonly timestamp: number;
  readonly snapshot: number;
  readonly targets: number;
}

/** What a server does with one path. */
type Answer = (path: string) => Response | Promise<Response> | undefined;

export class TufRepository {
  readonly files = new Map<string, Uint8Array>();
  readonly asked: string[] = [];
  readonly log: NetworkEvent[] = [];
  /** Looked at before the files. */
  wrong: Answer = () => undefined;
  keys: RoleKeys = newKeys();
  /** Root 1: where clients begin. */
  readonly first: Buffer;

  constructor(target: Uint8Array) {
    this.first = rootJson({ keys: this.keys, version: 1 });
    this.publish(target, { timestamp: 5, snapshot: 4, targets: 3 });
  }

  /** A new state of everything below the root. */
  publish(target: Uint8Array, { timestamp, snapshot, targets }: Versions, expires = SOON): void {
    const sha256 = createHash('sha256').update(target).digest('hex');
    const listed = { 'trusted_root.json': { length: target.length, hashes: { sha256 } } };
    const head = (type: string, version: number) => ({ _type: type, spec_version: '1.0', version, expires });
    const list = signed({ ...head('targets', targets), targets: listed }, this.keys.targets);
    const meta = { 'targets.json': { version: targets } };
    const shot = signed({ ...head('snapshot', snapshot), meta }, this.keys.snapshot);
    const stamp = { 'snapshot.json': { version: snapshot, length: shot.length, hashes: hashes(shot) } };
    this.files.set('timestamp.json', signed({ ...head('timestamp', timestamp), meta: stamp }, this.keys.timestamp));
    this.files.set(`${snapshot}.snapshot.json`, shot);
    this.files.set(`${targets}.targets.json`, list);
    this.files.set(`targets/${sha256}.trusted_root.json`, target);
  }

  /** The network, for the client. */
  http(): HttpTransport {
    return {
      fetchFn: async (url) => {
        const path = url.slice(BASE.length);
        this.asked.push(path);
        const wrong = await this.wrong(path);
        if (wrong !== undefined) return wrong;
        const bytes = this.files.get(path);
        return bytes === undefined ? new Response('', { status: 404 }) : new Response(bytes.slice());
      },
      network: (event) => this.log.push(event),
      clock: { ...systemClock, sleep: () => Promise.resolve() },
    };
  }
}

function hashes(bytes: Uint8Array): { readonly sha256: string; readonly sha512: string } {
  const of = (name: string): string => createHash(name).update(bytes).digest('hex');
  return { sha256: of('sha256'), sha512: of('sha512') };
}

/** `assay trust`: what signatures are checked with on this machine. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { KEPT_KIND_WORDS, rootLines } from '../app/text/trust.ts';
import { keptItem, type KeptItem } from '../core/claims/attestations/kept-item.ts';
import { publicRootFacts, updatePublicRoot, type TufPlace } from '../core/claims/attestations/sigstore/public-root.ts';
import { SHIPPED } from '../core/claims/attestations/sigstore/shipped-root.ts';
import { AppError } from '../core/errors.ts';
import { KEPT_TRUST_BYTES_MAX } from '../core/limits.ts';
import { plural } from '../core/report/words/units.ts';
import type { Options } from './args.ts';
import { machine } from './machine.ts';
import { printable } from './progress-bar.ts';
import { TrustStore, trustFolder } from './trust-store.ts';

/** Shortest start of a digest that names one. */
const DIGEST_START = 8;

/**
 * @param place another repository than Sigstore's, for tests
 * @returns exit status: 0 done
 * @throws AppError TRUST_*, SOURCE_*, USAGE
 */
export async function trust(
  options: Options,
  signal: AbortSignal,
  place?: TufPlace,
  now = new Date(),
): Promise<number> {
  const store = new TrustStore(trustFolder(process.env));
  switch (options.target) {
    case 'update':
      await update(store, options, signal, place, now);
      break;
    case 'add':
      await add(store, options, now);
      break;
    case 'remove':
      await remove(store, options.material ?? '');
      break;
  }
  await show(store, options, now);
  return 0;
}

async function update(
  store: TrustStore,
  { offline, json }: Options,
  signal: AbortSignal,
  place: TufPlace | undefined,
  now: Date,
): Promise<void> {
  const { http } = machine(offline);
  if (http === undefined) throw new AppError('SOURCE_OFFLINE');
  const kept = await store.updated();
  const found = await updatePublicRoot({ kept, now: now.toISOString() }, http, signal, place);
  await store.keepUpdated(found);
  const before = kept?.sha256 ?? SHIPPED.sha256;
  if (!json) console.log(found.sha256 === before ? 'Asked just now: nothing newer.\n' : 'Updated: a newer one came.\n');
}

async function add(store: TrustStore, { material: path = '', name }: Options, now: Date): Promise<void> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) throw new AppError('SOURCE_NOT_FOUND', { path });
  if (info.size > KEPT_TRUST_BYTES_MAX)
    throw new AppError('SOURCE_TOO_LARGE', { path, size: info.size, most: KEPT_TRUST_BYTES_MAX });
  const item = await keptItem(name ?? basename(path), new Uint8Array(await readFile(path)), now.toISOString());
  const others = (await store.items()).filter(({ sha256 }) => sha256 !== item.sha256);
  await store.keepItems([...others, item]);
}

async function remove(store: TrustStore, which: string): Promise<void> {
  const items = await store.items();
  const digest = which.replace(/^sha256:/, '');
  const meant = items.filter(
    ({ name, sha256 }) => name === which || (digest.length >= DIGEST_START && sha256.startsWith(digest)),
  );
  if (meant.length !== 1)
    throw new AppError('USAGE', {
      problem: `${meant.length === 0 ? 'Nothing' : 'More than one thing'} is kept under "${which}".`,
    });
  await store.keepItems(items.filter((item) => item !== meant[0]));
}

async function show(store: TrustStore, { json }: Options, now: Date): Promise<void> {
  const [root, items] = [publicRootFacts(await store.updated()), await store.items()];
  if (json) {
    const kept = items.map(({ bytes, ...rest }) => ({ ...rest, size: bytes.length }));
    console.log(JSON.stringify({ folder: store.folder, sigstore: root, kept }, null, 2));
    return;
  }
  const lines = [
    'Sigstore’s public-good trust root',
    ...rootLines(root, now).map((line) => `  ${line}`),
    '',
    items.length === 0
      ? 'Nothing else is kept.'
      : `Kept for every check: ${plural(items.length, 'thing')}, in ${store.folder}`,
    ...items.flatMap(itemLines),
  ];
  console.log(lines.map(printable).join('\n'));
}

function itemLines({ name, kind, sha256, added }: KeptItem): string[] {
  return [`  ${name}: ${KEPT_KIND_WORDS[kind]}, added ${added.slice(0, 10)}`, `    sha256:${sha256}`];
}

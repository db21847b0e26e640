/** `assay signers`: who signed for which publisher, as remembered on this machine. */
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { signerHistory, signerName } from '../app/text/signers.ts';
import { toBase64 } from '../core/bytes/base64.ts';
import { readGivenKeys } from '../core/claims/attestations/detached/given-keys.ts';
import { sha256Hex } from '../core/crypto/digest.ts';
import { AppError } from '../core/errors.ts';
import { plural } from '../core/report/words/units.ts';
import { formatSignerFile, type SignerFile } from '../core/report/signer-file.ts';
import {
  accepted,
  inOrder,
  merged,
  publisherKey,
  readPublisher,
  recordId,
  type Material,
  type SignerName,
  type SignerRecord,
} from '../core/report/signer-memory.ts';
import { CLAIM_BUNDLE_MAX } from '../core/limits.ts';
import type { Options } from './args.ts';
import { printable } from './progress-bar.ts';
import { ofPublisher, tell, withPublisher } from './signer-memory.ts';
import type { SignersAction } from './signers-actions.ts';
import { readSigners, SignerStore, signersFile } from './signer-store.ts';

const ID_LENGTH = 12;

/** @returns exit status: 0 done @throws AppError USAGE, SOURCE_*, ATTEST_MEMORY_FILE */
export async function signers(options: Options, now = new Date()): Promise<number> {
  const store = new SignerStore(signersFile(process.env), tell);
  const [first, second] = options.others ?? [];
  switch (options.target as SignersAction) {
    case 'list':
      print(first === undefined ? await store.read() : ofPublisher(await store.read(), first), options);
      return 0;
    case 'forget':
      await forget(store, first, second, options);
      return 0;
    case 'accept':
      await accept(store, nameOf(first), second, options, now);
      return 0;
    case 'export': {
      const text = formatSignerFile(await store.read());
      if (first === undefined) process.stdout.write(text);
      else
        await writeFile(first, text, { flag: 'wx' }).catch(() => {
          throw new AppError('USAGE', { problem: `"${first}" exists already, or cannot be written.` });
        });
      return 0;
    }
    case 'import': {
      if (first === undefined) throw new AppError('USAGE', { problem: '"assay signers import" needs a file.' });
      const file = await readSigners(first);
      const after = await store.change((all) => joined(all, file));
      if (!options.json)
        console.log(
          `Taken in: ${plural(file.signers.length, 'signer')}. ${plural(after.signers.length, 'signer')} in all.`,
        );
      else print(after, options);
      return 0;
    }
  }
}

/** A policy that is in use here stays: what comes from elsewhere does not change it without a word. */
function joined(all: SignerFile, more: SignerFile): SignerFile {
  const known = new Set(all.policies.map(({ publisher }) => publisherKey(publisher)));
  const policies = more.policies.filter(({ publisher }) => !known.has(publisherKey(publisher)));
  return { signers: merged(all.signers, more.signers), policies: [...all.policies, ...policies] };
}

async function forget(
  store: SignerStore,
  publisher: string | undefined,
  id: string | undefined,
  { all, json }: Options,
): Promise<void> {
  if (all) {
    if (publisher !== undefined) throw new AppError('USAGE', { problem: '--all forgets every publisher; name none.' });
    await store.change(() => ({ signers: [], policies: [] }));
    if (!json) console.log('Everything forgotten.');
    return;
  }
  const name = nameOf(publisher);
  let gone = 0;
  const after = await store.change((file) =>
    withPublisher(file, name, (own) => {
      const kept = id === undefined ? [] : own.signers.filter((record) => !shortId(record).startsWith(id));
      gone = own.signers.length - kept.length;
      if (id !== undefined && gone !== 1) throw new AppError('USAGE', { problem: notOne(gone, id, name) });
      if (id === undefined && gone + own.policies.length === 0)
        throw new AppError('USAGE', { problem: `Nothing is remembered of "${name}".` });
      return { signers: kept, policies: id === undefined ? [] : own.policies };
    }),
  );
  if (json) print(after, { json });
  else console.log(printable(`Forgotten: ${plural(gone, 'signer')} of ${name}.`));
}

async function accept(
  store: SignerStore,
  publisher: string,
  id: string | undefined,
  options: Options,
  now: Date,
): Promise<void> {
  const { identity, issuer, keys } = options.trust;
  const ways = [id, identity, keys[0]].filter((way) => way !== undefined).length;
  if (ways !== 1 || keys.length > 1)
    throw new AppError('USAGE', {
      problem: '"assay signers accept <publisher>" needs one of: an id that "list" shows, --identity, --key.',
    });
  if (identity !== undefined && issuer === undefined)
    throw new AppError('USAGE', {
      problem: '--identity needs the --issuer who vouches for it, to tell it from the same name elsewhere.',
    });
  const given = keys[0] === undefined ? null : await keySigner(keys[0]);
  const after = await store.change((file) =>
    withPublisher(file, publisher, (own) => {
      const old = id === undefined ? [] : own.signers.filter((record) => shortId(record).startsWith(id));
      if (id !== undefined && old.length !== 1)
        throw new AppError('USAGE', { problem: notOne(old.length, id, publisher) });
      const signer: SignerName = given?.signer ??
        old[0]?.signer ?? { method: 'sigstore', name: identity!, issuer: issuer! };
      const about = { publisher, signer, attestations: [], materials: given?.materials ?? [], at: now.toISOString() };
      return { ...own, signers: accepted(own.signers, about) };
    }),
  );
  print(ofPublisher(after, publisher), options);
}

/** @throws AppError SOURCE_NOT_FOUND, SOURCE_TOO_LARGE, ATTEST_KEY, USAGE */
async function keySigner(
  path: string,
): Promise<{ readonly signer: SignerName; readonly materials: readonly Material[] }> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) throw new AppError('SOURCE_NOT_FOUND', { path });
  if (info.size > CLAIM_BUNDLE_MAX)
    throw new AppError('SOURCE_TOO_LARGE', { path, size: info.size, most: CLAIM_BUNDLE_MAX });
  const bytes = new Uint8Array(await readFile(path));
  const name = basename(path);
  const found = readGivenKeys({ bytes, origin: { from: 'given', name } });
  const [key] = found;
  if (found.length !== 1 || key?.form !== 'pem')
    throw new AppError('USAGE', {
      problem: `"${name}" is not one public key in PEM. Verify a model with it once, then accept it by its id.`,
    });
  const signer = { method: 'key', name, key: await sha256Hex(key.key.spki) } as const;
  return { signer, materials: [{ kind: 'key', name, bytes: toBase64(bytes) }] };
}

function nameOf(text: string | undefined): string {
  const name = text === undefined ? null : readPublisher(text);
  if (name === null) throw new AppError('USAGE', { problem: 'Name a publisher, as "assay signers list" shows it.' });
  return name;
}

function notOne(found: number, id: string, publisher: string): string {
  return `${found === 0 ? 'No signer' : 'More than one signer'} of "${publisher}" is remembered as "${id}".`;
}

/** Enough of a digest to tell records apart. */
function shortId(record: SignerRecord): string {
  return createHash('sha256').update(recordId(record)).digest('hex').slice(0, ID_LENGTH);
}

function print({ signers: all, policies }: SignerFile, { json }: Pick<Options, 'json'>): void {
  const records = inOrder(all);
  if (json) {
    const shown = records.map((record) => ({ id: shortId(record), ...record }));
    console.log(JSON.stringify({ signers: shown, policies }, null, 2));
    return;
  }
  const HOW = { accepted: 'expected', seen: 'seen', questioned: 'seen in place of another' } as const;
  const lines = records.flatMap((record) => [
    `${shortId(record)}  ${record.publisher}: ${HOW[record.how]} ${signerName(record.signer)}`,
    `${' '.repeat(ID_LENGTH)}  ${signerHistory(record)}`,
  ]);
  for (const { publisher, acceptedOn } of policies)
    lines.push(`policy        ${publisher}: kept since ${acceptedOn.slice(0, 10)}`);
  console.log(lines.length === 0 ? 'No signers are remembered.' : lines.map(printable).join('\n'));
}

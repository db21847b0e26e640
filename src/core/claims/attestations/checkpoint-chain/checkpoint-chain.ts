/** Published chains of checkpoints: the links, the files, and timestamps over the head. Unsigned but for those. */
import { toHex } from '../../../bytes/hex.ts';
import { pemOrDer } from '../../../crypto/pem.ts';
import type { Timestamp } from '../../../crypto/timestamp.ts';
import { AppError } from '../../../errors.ts';
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import { concluded, type Attestation, type CoveredFile, type TrustOrigin, type Warning } from '../attestation.ts';
import type { AttestationInput, AttestationKind } from '../kind.ts';
import { Steps } from '../steps.ts';
import { readAnchor, type Anchor } from './anchor.ts';
import {
  entryHash,
  linkRule,
  looksLikeChain,
  readChain,
  requireOrder,
  type ChainEntry,
  type LinkRule,
} from './chain.ts';

export const CHECKPOINT_CHAIN: AttestationKind = {
  id: 'checkpoint-chain',
  title: 'hash chains of checkpoints',
  names: /^(?:[\w-]*[._-])?chain\.jsonl?$/i,
  recognises: (path, bytes) =>
    CHECKPOINT_CHAIN.names.test(path.slice(path.lastIndexOf('/') + 1)) && looksLikeChain(bytes),
  examine: async (input) => [await examine(input)],
};

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const warnings: Warning[] = [];
  const entries = await steps.run(
    'bundle',
    () => readChain(input.bytes, input.path),
    (found) => ({ detail: { entries: found.length } }),
  );
  const rule = await steps.run(
    'chain',
    async () => {
      requireOrder(entries!);
      return linkRule(entries!);
    },
    ({ id }) => ({ detail: { links: entries!.length - 1, rule: id } }),
  );
  const head = rule === null ? '' : await entryHash(entries!.at(-1)!, rule);
  if (rule !== null && !rule.deep && entries!.length > 2) warnings.push({ code: 'chain-shallow' });
  await anchored(steps, input, rule === null ? null : { entries: entries!, rule, head });
  const files = entries === null ? [] : await compare(entries, input);
  if (entries !== null) judge(steps, files);
  const list = steps.list();
  const facts = rule === null ? {} : { head: `sha256:${head}`, entries: entries!.length, rule: rule.id };
  return { kind: 'checkpoint-chain', path: input.path, outcome: concluded(list), steps: list, files, warnings, facts };
}

interface Linked {
  readonly entries: readonly ChainEntry[];
  readonly rule: LinkRule;
  readonly head: string;
}

/** `time`: the stamp is over this head and its own signature holds. `certificate`: whose it is. */
async function anchored(steps: Steps, input: AttestationInput, chain: Linked | null): Promise<void> {
  const folder = input.path.slice(0, input.path.lastIndexOf('/') + 1);
  const path = `${folder}anchor.json`;
  if (!input.folder.files.some((file) => file.path === path)) {
    steps.add({ id: 'time', outcome: 'no-claim' });
    return;
  }
  const stamps = await steps.run(
    'time',
    async () => {
      const anchor = readAnchor(await input.folder.read(path, CLAIM_BUNDLE_MAX));
      return stamped(anchor, chain!, input);
    },
    (found) => ({ detail: { signedAt: found[0]!.time.toISOString(), timestamps: found.length } }),
  );
  await steps.run(
    'certificate',
    () => trusted(stamps!, input),
    ({ origin, signer }) => ({ trust: origin, detail: { issuer: signer } }),
  );
}

async function stamped(
  { head, tokens }: Anchor,
  chain: Linked,
  input: AttestationInput,
): Promise<readonly Timestamp[]> {
  const heads = await headsOf(chain);
  if (head !== null && !heads.includes(head)) {
    throw new AppError('ATTEST_CHAIN', { why: 'the anchor names another head', entry: chain.entries.length });
  }
  if (tokens.length === 0) throw new AppError('ATTEST_NO_TIME', {});
  const { readTimestamp } = await import('../../../crypto/timestamp.ts');
  const found: Timestamp[] = [];
  for (const token of tokens) {
    const stamp = await readTimestamp(token);
    const over = await imprints(heads, input.bytes, stamp.hash);
    if (!over.includes(stamp.imprint)) throw new AppError('ATTEST_TIME', { why: 'a timestamp is over something else' });
    found.push(stamp);
  }
  return found.sort((a, b) => a.time.getTime() - b.time.getTime());
}

/** A chain of one entry has no link that shows the rule: either way of hashing it is its head. */
async function headsOf({ entries, rule, head }: Linked): Promise<readonly string[]> {
  const last = entries.at(-1)!;
  return entries.length > 1
    ? [head]
    : [
        head,
        await entryHash(last, { id: 'without-link', deep: false }),
        await entryHash(last, { ...rule, id: 'line' }),
      ];
}

/** What a stamp over a head may be over: the digest itself, its text, its bytes, or the whole file of the chain. */
async function imprints(
  heads: readonly string[],
  chain: Uint8Array,
  hash: Timestamp['hash'],
): Promise<readonly string[]> {
  const digest = async (bytes: Uint8Array): Promise<string> =>
    toHex(new Uint8Array(await crypto.subtle.digest(hash, bytes.slice())));
  const made = heads.flatMap((head) => [
    digest(new TextEncoder().encode(head)),
    digest(Uint8Array.from(head.match(/../g)!, (pair) => Number.parseInt(pair, 16))),
  ]);
  return [...(hash === 'SHA-256' ? heads : []), ...(await Promise.all(made)), await digest(chain)];
}

/** The first timestamp whose certificate leads to a root that the person gave. */
async function trusted(
  stamps: readonly Timestamp[],
  { expect }: AttestationInput,
): Promise<{ readonly origin: TrustOrigin; readonly signer: string }> {
  if (expect.roots.length === 0) throw new AppError('ATTEST_NO_ROOT', {});
  const { certificatePath, outOfTime, readCertificates } = await import('../../../crypto/certificates.ts');
  let failure: unknown = null;
  for (const { bytes, origin } of expect.roots) {
    const roots = readCertificates(pemOrDer(bytes, 'CERTIFICATE'));
    for (const { signer, others, time } of stamps) {
      try {
        const path = await certificatePath(signer, others, roots);
        if (outOfTime(path, time) === null) return { origin, signer: signer.subject };
        failure = new AppError('ATTEST_CERTIFICATE', { why: 'it was not valid when the timestamp was made' });
      } catch (error) {
        failure = error;
      }
    }
  }
  throw failure;
}

async function compare(entries: readonly ChainEntry[], { folder }: AttestationInput): Promise<readonly CoveredFile[]> {
  const here = new Set(folder.files.map(({ path }) => path));
  const rows: CoveredFile[] = [];
  for (const { path, stated, sha256 } of entries.flatMap(({ files }) => files)) {
    const about = { path: path ?? stated, algorithm: 'sha256', expected: sha256 };
    if (path === null || !here.has(path)) {
      // Chains are longer than what people keep of them: what is not here was not compared.
      rows.push({ ...about, state: 'not-checked', reason: { code: 'SOURCE_NOT_FOUND', detail: { path: stated } } });
      continue;
    }
    try {
      const actual = await folder.digest(path, 'sha256');
      rows.push({ ...about, state: actual === sha256 ? 'same' : 'changed', actual });
    } catch (error) {
      // Only headers were read: nothing can be said of this file, and all of the chain.
      if (!(error instanceof AppError) || error.code !== 'ATTEST_NO_BYTES') throw error;
      rows.push({ ...about, state: 'not-checked', reason: error.toData() });
    }
  }
  return rows;
}

function judge(steps: Steps, files: readonly CoveredFile[]): void {
  const count = (state: CoveredFile['state']): number => files.filter((file) => file.state === state).length;
  const detail = { same: count('same'), changed: count('changed'), notHere: count('not-checked') };
  if (detail.changed > 0) steps.contradicts('files', 'ATTEST_FILES', detail);
  else if (detail.same > 0) steps.matches('files', { detail });
  else if (files.length === 0) steps.unchecked('files', { code: 'ATTEST_SUBJECT', detail: {} }, { detail });
  else steps.unchecked('files', files[0]!.reason!, { detail });
}

/** Sigstore's public-good trust root: the shipped one, or a newer one that came by TUF and is kept on this device. */
import type { HttpTransport } from '../../../bytes/transport.ts';
import { sha256Hex } from '../../../crypto/digest.ts';
import { AppError } from '../../../errors.ts';
import { TUF_TARGET_MAX } from '../../../limits.ts';
import { isObject, textField, field } from '../json.ts';
import type { Supplied } from '../kind.ts';
import type { PublicRootFacts } from '../trust-facts.ts';
import { loadSigstore } from './load.ts';
import { PUBLIC_GOOD, SHIPPED, shippedTufRoot } from './shipped-root.ts';
import { readTrustRoot } from './trust.ts';
import { updateTarget, type SeenVersions } from './tuf/update.ts';

/** An updated trust root as it is kept: plain data, for a database or a file. */
export interface UpdatedRoot {
  readonly format: 'assay-trust-root-1';
  /** ISO time of the update: then this was the newest there was. */
  readonly updated: string;
  /** Of `text` in UTF-8, lower-case hex. */
  readonly sha256: string;
  readonly seen: SeenVersions;
  /** The `trusted_root.json` itself. */
  readonly text: string;
}

/** Where it is asked for. Tests have another place, with another first root. */
export interface TufPlace {
  readonly base: string;
  readonly root: Uint8Array;
}

export interface UpdateRequest {
  /** The last update, whatever was kept under its name; used only as memory of versions. */
  readonly kept?: unknown;
  /** ISO time that counts as now. */
  readonly now: string;
}

/**
 * Asks Sigstore's TUF repository for the newest trust root.
 *
 * @throws AppError TRUST_*; ATTEST_TRUST_ROOT when what came is signed and still not usable; SOURCE_*
 */
export async function updatePublicRoot(
  { kept, now }: UpdateRequest,
  http: HttpTransport,
  signal: AbortSignal,
  place?: TufPlace,
): Promise<UpdatedRoot> {
  const { base, root } = place ?? { base: PUBLIC_GOOD, root: await shippedTufRoot() };
  const seen = readSeen(field(kept, 'seen'));
  const request = { base, root, target: 'trusted_root.json', now, ...(seen === null ? {} : { seen }) };
  const found = await updateTarget(request, http, signal);
  const sha256 = await sha256Hex(found.bytes);
  readTrustRoot(await loadSigstore(), { bytes: found.bytes, origin: { from: 'updated', name: SHIPPED.name } });
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(found.bytes);
  return { format: 'assay-trust-root-1', updated: now, sha256, seen: found.seen, text };
}

/**
 * What was kept, when it is whole. Anything else (another version of this program, a damaged file) is null: the shipped
 * root is used then.
 */
export async function readUpdatedRoot(value: unknown): Promise<UpdatedRoot | null> {
  const [updated, sha256, text] = [textField(value, 'updated'), textField(value, 'sha256'), textField(value, 'text')];
  const seen = readSeen(field(value, 'seen'));
  if (field(value, 'format') !== 'assay-trust-root-1' || seen === null) return null;
  if (updated === undefined || Number.isNaN(Date.parse(updated)) || text === undefined || sha256 === undefined)
    return null;
  if (text.length > TUF_TARGET_MAX || (await sha256Hex(new TextEncoder().encode(text))) !== sha256) return null;
  return { format: 'assay-trust-root-1', updated: new Date(updated).toISOString(), sha256, seen, text };
}

/** As something to check with; null when the shipped one is newer: this program was updated since. */
export function suppliedRoot({ updated, sha256, text }: UpdatedRoot): Supplied | null {
  const date = updated.slice(0, 10);
  if (date < SHIPPED.date) return null;
  return { bytes: new TextEncoder().encode(text), origin: { from: 'updated', name: SHIPPED.name, date, sha256 } };
}

/** Which one is in use. */
export function publicRootFacts(kept: UpdatedRoot | null): PublicRootFacts {
  const { date, sha256, rootVersion } = SHIPPED;
  if (kept === null || suppliedRoot(kept) === null) return { from: 'shipped', date, sha256, rootVersion };
  return { from: 'updated', date: kept.updated, sha256: kept.sha256, rootVersion: kept.seen.root };
}

function readSeen(value: unknown): SeenVersions | null {
  if (!isObject(value)) return null;
  const { root, timestamp, snapshot, targets, keys } = value;
  const version = (n: unknown): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n > 0;
  if (!version(root) || !version(timestamp) || !version(snapshot) || !version(targets)) return null;
  return typeof keys === 'string' ? { root, timestamp, snapshot, targets, keys } : null;
}

/** @throws AppError TRUST_KEPT when it is no usable trust root */
export async function requireTrustRoot(bytes: Uint8Array): Promise<void> {
  try {
    readTrustRoot(await loadSigstore(), { bytes, origin: { from: 'given', name: '' } });
  } catch (error) {
    const why = error instanceof AppError ? String(error.detail['why'] ?? '') : '';
    throw new AppError('TRUST_KEPT', { why: why === '' ? 'it cannot be read' : why }, error);
  }
}

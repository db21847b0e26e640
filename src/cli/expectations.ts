/** What the command line was given to check signatures with. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isMeasurements } from '../core/claims/attestations/aicert/measurements.ts';
import { NO_EXPECTATIONS, type Expectations, type Supplied } from '../core/claims/attestations/kind.ts';
import { AppError } from '../core/errors.ts';
import { CLAIM_BUNDLE_MAX } from '../core/limits.ts';
import { TrustStore, trustFolder } from './trust-store.ts';

export interface TrustOptions {
  /** Files. */
  readonly keys: readonly string[];
  readonly roots: readonly string[];
  readonly trustedRoots: readonly string[];
  readonly policies: readonly string[];
  readonly identity?: string;
  readonly issuer?: string;
  readonly ignore: readonly string[];
  readonly allowUnsigned: boolean;
}

/** @throws AppError SOURCE_NOT_FOUND, SOURCE_TOO_LARGE {path}; TRUST_KEPT; USAGE: an issuer without an identity */
export async function readExpectations(options: TrustOptions): Promise<Expectations> {
  const { identity, issuer } = options;
  if (issuer !== undefined && identity === undefined)
    throw new AppError('USAGE', { problem: '--issuer says who vouches for an --identity, which is missing.' });
  const read = (paths: readonly string[]): Promise<Supplied[]> => Promise.all(paths.map(supplied));
  const policies = await read(options.policies);
  const kept = await new TrustStore(trustFolder(process.env)).trust();
  return {
    ...NO_EXPECTATIONS,
    keys: await read(options.keys),
    roots: await read(options.roots),
    trustedRoots: await read(options.trustedRoots),
    policies: policies.filter(({ bytes }) => !isMeasurements(bytes)),
    measurements: policies.filter(({ bytes }) => isMeasurements(bytes)),
    signers: identity === undefined ? [] : [{ identity, ...(issuer === undefined ? {} : { issuer }) }],
    ignore: options.ignore,
    allowExtra: options.allowUnsigned,
    ...(kept === undefined ? {} : { kept }),
  };
}

async function supplied(path: string): Promise<Supplied> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) throw new AppError('SOURCE_NOT_FOUND', { path });
  if (info.size > CLAIM_BUNDLE_MAX)
    throw new AppError('SOURCE_TOO_LARGE', { path, size: info.size, most: CLAIM_BUNDLE_MAX });
  return { bytes: new Uint8Array(await readFile(path)), origin: { from: 'given', name: basename(path) } };
}

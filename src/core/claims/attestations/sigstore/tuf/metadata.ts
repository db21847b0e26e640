/** One file of TUF metadata: read strictly, and held against the keys of a root. */
import { AppError } from '../../../../errors.ts';
import { strictJson, type JsonObject } from '../../json.ts';
import type { TufEngine } from '../load.ts';
import type { Metadata, Root, Snapshot, Targets, Timestamp } from './engine.ts';

export interface Roles {
  readonly root: Root;
  readonly timestamp: Timestamp;
  readonly snapshot: Snapshot;
  readonly targets: Targets;
}

export type Role = keyof Roles;
type AnyRole = Roles[Role];

/** @throws AppError TRUST_METADATA {role, why} */
export function readMetadata<R extends Role>(engine: TufEngine, role: R, bytes: Uint8Array): Metadata<Roles[R]> {
  const refuse = (why: string, cause?: unknown): AppError => new AppError('TRUST_METADATA', { role, why }, cause);
  let json: JsonObject;
  try {
    json = strictJson(bytes) as JsonObject;
  } catch (error) {
    throw refuse('it is not plain JSON', error);
  }
  let read: Metadata<AnyRole>;
  try {
    read = parse(engine, role, json as never);
  } catch (error) {
    throw refuse('it is not metadata of this role', error);
  }
  const { signed } = read;
  if (!Number.isSafeInteger(signed.version) || signed.version < 1) throw refuse('it has no version');
  if (role === 'root') requireDistinctKeys(signed as Root);
  return read as Metadata<Roles[R]>;
}

type PackageJson = Parameters<typeof Metadata.fromJSON>[1];

function parse({ Metadata, MetadataKind }: TufEngine, role: Role, json: PackageJson): Metadata<AnyRole> {
  switch (role) {
    case 'root':
      return Metadata.fromJSON(MetadataKind.Root, json);
    case 'timestamp':
      return Metadata.fromJSON(MetadataKind.Timestamp, json);
    case 'snapshot':
      return Metadata.fromJSON(MetadataKind.Snapshot, json);
    case 'targets':
      return Metadata.fromJSON(MetadataKind.Targets, json);
  }
}

/** The same key under two ids would count twice towards a threshold, which is about persons. */
function requireDistinctKeys({ roles, keys }: Root): void {
  for (const [role, { keyIDs, threshold }] of Object.entries(roles)) {
    const held = keyIDs.map((id) => (Object.hasOwn(keys, id) ? keys[id]!.keyVal['public'] : undefined));
    if (!Number.isSafeInteger(threshold) || threshold < 1 || new Set(held).size !== held.length) {
      throw new AppError('TRUST_METADATA', { role: 'root', why: `the keys of ${role} are not told apart` });
    }
  }
}

/** @throws AppError TRUST_THRESHOLD {role, version, threshold} */
export function requireSigned(by: Metadata<Root>, role: Role, metadata: Metadata<AnyRole>): void {
  try {
    by.verifyDelegate(role, metadata);
  } catch (error) {
    const threshold = by.signed.roles[role]?.threshold ?? 1;
    throw new AppError('TRUST_THRESHOLD', { role, version: metadata.signed.version, threshold }, error);
  }
}

/** @throws AppError TRUST_EXPIRED {role, expires} */
export function requireCurrent(role: Role, { signed }: Metadata<AnyRole>, now: Date): void {
  if (signed.isExpired(now)) throw new AppError('TRUST_EXPIRED', { role, expires: signed.expires });
}

/**
 * The only place that knows the package for TUF metadata. Loaded on demand by `load.ts`, which first provides `Buffer`.
 * It reads metadata and counts signatures; which versions, times, lengths and digests count is decided in `update.ts`.
 */
import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from '@tufjs/models';

export { Metadata, MetadataKind };
export type { Root, Snapshot, Targets, Timestamp };

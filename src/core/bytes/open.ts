import { AppError } from '../errors.ts';
import { BlobSource } from './blob.ts';
import { openHttp } from './http.ts';
import { MemorySource } from './memory.ts';
import type { ByteSource, SourceSpec } from './source.ts';
import type { HttpTransport } from './transport.ts';

/** What the surroundings lend: the network, and on the command line the file system. */
export interface OpenContext {
  /** Absent: nothing may be fetched (`ENGINE_UNSUPPORTED`). */
  readonly http?: HttpTransport;
  /** Opens a path of this machine; only the command line gives one. */
  readonly openPath?: (name: string, path: string, signal?: AbortSignal) => Promise<ByteSource>;
}

/**
 * The bytes behind a spec. Only an address costs a request here: its size and whether the server honours ranges have to
 * be known before anything else.
 *
 * @throws AppError SOURCE_*; ENGINE_UNSUPPORTED for a kind that these surroundings cannot open
 */
export async function openSource(spec: SourceSpec, context: OpenContext, signal?: AbortSignal): Promise<ByteSource> {
  switch (spec.kind) {
    case 'bytes':
      return new MemorySource(spec.name, spec.bytes);
    case 'file':
      return new BlobSource(spec.name, spec.file);
    case 'http':
      if (context.http === undefined) throw new AppError('ENGINE_UNSUPPORTED', { kind: spec.kind });
      return openHttp(spec, context.http, signal);
    case 'path':
      if (context.openPath === undefined) throw new AppError('ENGINE_UNSUPPORTED', { kind: spec.kind });
      return context.openPath(spec.name, spec.path, signal);
  }
}

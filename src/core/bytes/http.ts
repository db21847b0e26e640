import { AppError } from '../errors.ts';
import type { NetworkEvent } from '../progress.ts';
import type { ByteSource } from './source.ts';

/** The part of the platform's `fetch` that is used. */
export type FetchFn = (url: string, init: RequestInit) => Promise<Response>;

export interface HttpTransport {
  readonly fetchFn: FetchFn;
  readonly network?: (event: NetworkEvent) => void;
}

export interface HttpFile {
  readonly name: string;
  readonly url: string;
  readonly size?: number;
  readonly authorization?: string;
}

export async function openHttp(file: HttpFile, transport: HttpTransport, signal?: AbortSignal): Promise<ByteSource> {
  void transport;
  void signal;
  throw new AppError('ENGINE_UNSUPPORTED', { name: file.name });
}

/** Evidence for tests: files of given bytes, with the digests that claims ask for, as a scan would have computed them. */
import { createHash } from 'node:crypto';
import { gitBlobHeader } from '../hash/git-blob.ts';
import type { Evidence } from './evidence.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
export const gitBlob = (text: string): string =>
  createHash('sha1')
    .update(gitBlobHeader(Buffer.byteLength(text)))
    .update(text)
    .digest('hex');

/** A file that was read whole. */
export function evidence(path: string, text: string, more: Partial<Evidence> = {}): Evidence {
  return {
    path,
    size: Buffer.byteLength(text),
    role: /\.(?:safetensors|gguf|bin)$/.test(path) ? 'weights' : 'side',
    status: 'complete',
    tensors: [],
    digests: { sha256: sha256(text), md5: md5(text), 'git-blob-sha1': gitBlob(text) },
    tensorExtra: {},
    tensorData: {},
    ...more,
  };
}

/** The same file when only its header was read, or nothing. */
export function unread(
  path: string,
  size: number,
  status: Evidence['status'] = 'aborted',
  more: Partial<Evidence> = {},
): Evidence {
  return { ...evidence(path, ''), size, status, digests: {}, ...more };
}

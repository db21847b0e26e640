import { ONE_SHOT_MAX } from '../limits.ts';
import { gitBlobHeader } from './git-blob.ts';
import type { Algorithm, HashProvider, ShortSha256, StreamHasher } from './hasher.ts';

/**
 * One stream through hash-wasm: constant memory (16 KiB are copied into WASM memory at a time), about 430 MB/s for
 * SHA-256 in Chromium.
 */
export async function createWasmHasher(algorithm: Algorithm, size: number): Promise<StreamHasher> {
  const { WASM_HASHERS } = await import('./wasm-algorithms.ts');
  const hasher = await WASM_HASHERS[algorithm]();
  const reset = (streamSize: number): void => {
    hasher.init();
    if (algorithm === 'git-blob-sha1') hasher.update(gitBlobHeader(streamSize));
  };
  reset(size);
  return {
    update(bytes) {
      hasher.update(bytes);
    },
    digest: () => hasher.digest('hex'),
    reset,
  };
}

/**
 * Chromium hashes on the thread that asks, 4 KiB in a third of WASM's time; where digests go to another thread, going
 * there costs what WASM needs for some 30 KiB. In between, and few tensors are near it.
 */
const SHORT_MAX = 16 * 1024;

/** SHA-256 on the calling thread; about two microseconds a call before the first byte. */
async function createShort(): Promise<ShortSha256> {
  const { WASM_HASHERS } = await import('./wasm-algorithms.ts');
  const hasher = await WASM_HASHERS.sha256();
  return (bytes) => hasher.init().update(bytes).digest('binary');
}

/** The browser's hashers: WASM for streams, WebCrypto (native, about 1.1 GB/s) for what is in memory whole. */
export function wasmHashes(): HashProvider {
  return {
    create: createWasmHasher,
    async sha256(bytes) {
      // WebCrypto copies its input before it returns; shared memory, which it refuses, does not occur here.
      return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
    },
    short: createShort,
    shortMax: SHORT_MAX,
    oneShotMax: ONE_SHOT_MAX,
  };
}

/** Large model files for tests: sparse on disk, so that gigabytes cost nothing to make. */
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that the test removes. */
export const scratch = (): string => mkdtempSync(join(tmpdir(), 'assay-e2e-'));

/** A safetensors file of F16 tensors, `tensors` of `bytes` each, zeros except a mark at the start of each. */
export function sparseSafetensors(path: string, tensors: number, bytes: number, prefix = 'layer'): void {
  const entries = Array.from({ length: tensors }, (_, i) => [
    `${prefix}.${i}.weight`,
    { dtype: 'F16', shape: [bytes / 2], data_offsets: [i * bytes, (i + 1) * bytes] },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = openSync(path, 'w');
  writeSync(file, Buffer.concat([length, header]), 0, undefined, 0);
  const data = 8 + header.length;
  ftruncateSync(file, data + tensors * bytes);
  for (let i = 0; i < tensors; i += 1) writeSync(file, Buffer.from(`${prefix} ${i}`), 0, undefined, data + i * bytes);
  closeSync(file);
}

/** SHA-256 of a file, by OpenSSL. */
export function sha256File(path: string): string {
  const hash = createHash('sha256');
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(2 ** 24);
  for (let n = readSync(file, buffer); n > 0; n = readSync(file, buffer)) hash.update(buffer.subarray(0, n));
  closeSync(file);
  return hash.digest('hex');
}

/** `assay-tensor-v1` of a stored payload, written from its definition and not from our implementation. */
export function tensorDigest(dtype: string, shape: readonly number[], payload: Buffer): string {
  const leaf = 4 * 2 ** 20;
  const hash = createHash('sha256').update(
    `assay-tensor-v1\n${dtype}\n[${shape.join(',')}]\n${leaf}\n${payload.length}\n`,
  );
  for (let at = 0; at < payload.length; at += leaf) {
    hash.update(
      createHash('sha256')
        .update(payload.subarray(at, at + leaf))
        .digest(),
    );
  }
  return hash.digest('hex');
}

/** Signatures that the real tools made, and folders of files in memory to examine them in. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../errors.ts';
import { wasmHashes } from '../../../hash/wasm.ts';
import type { Attestation } from '../attestation.ts';
import { NO_EXPECTATIONS, type AttestedFolder, type Expectations, type Supplied } from '../kind.ts';
import { attestationKind } from '../registry.ts';

const FIXTURES = join(import.meta.dirname, '../../../../../fixtures/attestations/detached');

export type Files = Readonly<Record<string, Uint8Array>>;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (content: Uint8Array): string => new TextDecoder('latin1').decode(content);

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(FIXTURES, name)));
}

export function given(...names: readonly string[]): readonly Supplied[] {
  return names.map((name) => givenBytes(fixture(`keys/${name}`), name));
}

export function givenBytes(content: Uint8Array | string, name = 'key.pub'): Supplied {
  return { bytes: typeof content === 'string' ? bytes(content) : content, origin: { from: 'given', name } };
}

const ALGORITHMS: Readonly<Record<string, string>> = { blake2b: 'blake2b512' };

export function folderOf(files: Files): AttestedFolder {
  const contentOf = (path: string): Uint8Array => {
    const content = files[path];
    if (content === undefined) throw new AppError('SOURCE_NOT_FOUND', { path });
    return content;
  };
  return {
    files: Object.entries(files).map(([path, content]) => ({ path, size: content.length })),
    digest: async (path, algorithm) =>
      createHash(ALGORITHMS[algorithm] ?? algorithm)
        .update(contentOf(path))
        .digest('hex'),
    read: async (path) => contentOf(path),
    async *stream(path) {
      const content = contentOf(path);
      for (let at = 0; at < content.length; at += 100) yield content.subarray(at, at + 100);
    },
  };
}

/** Examines a signature as the kind that takes it for its own, beside other files. */
export async function examine(
  path: string,
  signature: Uint8Array,
  files: Files,
  keys: readonly Supplied[],
  expect: Partial<Expectations> = {},
): Promise<Attestation> {
  const kind = attestationKind(path, signature);
  if (kind === null) throw new Error(`nothing recognises ${path}`);
  const [found] = await kind.examine({
    path,
    bytes: signature,
    folder: folderOf({ ...files, [path]: signature }),
    expect: { ...NO_EXPECTATIONS, keys, ...expect },
    hashes: wasmHashes(),
    now: '2026-11-21T10:00:00.000Z',
    signal: new AbortController().signal,
  });
  return found!;
}

/** `signature ATTEST_SIGNATURE`: the step that tells and its code. */
export function telling({ steps, outcome }: Attestation): string {
  const step = steps.find((one) => one.outcome === (outcome === 'contradicts' ? 'contradicts' : 'could-not-check'));
  return step === undefined ? outcome : `${step.id} ${step.reason?.code}`;
}

export const MODEL: Files = { 'model.bin': fixture('model.bin') };
export const CHANGED: Files = { 'model.bin': fixture('model.bin').map((byte, i) => (i === 500 ? byte ^ 1 : byte)) };

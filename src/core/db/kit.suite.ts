/** A small database of the Kit for tests: one model, its weight signals as Parquet. */
import { readFileSync, readdirSync } from 'node:fs';
import { makeZip, type EntryPlan } from '../formats/zip/write.suite.ts';
import type { DatabaseFiles } from './lookup.ts';

const root = new URL('../../../fixtures/signals/kit/', import.meta.url);

export const PARQUET = 'features/deep-signals/by-family/own--llama/small-llama_deep-signals.parquet';

/** Every file by its path. */
export function kitFiles(): Map<string, Uint8Array> {
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll('\\', '/').split('/signals/kit/')[1]!);
  return new Map(names.sort().map((name) => [name, new Uint8Array(readFileSync(new URL(name, root)))]));
}

export const databaseOf = (files: ReadonlyMap<string, Uint8Array>): DatabaseFiles => ({
  get: async (path) => files.get(path) ?? null,
});

/** `deep-signals.zip` as the Kit publishes it, with other models before and after. */
export function deepZip(more: readonly EntryPlan[] = []): Uint8Array {
  const inner = PARQUET.slice('features/deep-signals/'.length);
  return makeZip([...more, { name: inner, data: kitFiles().get(PARQUET)!, deflate: true }]);
}

/** Bytes that do not shrink. */
export function noise(length: number): Uint8Array {
  let state = 12345;
  return Uint8Array.from({ length }, () => (state = (state * 1103515245 + 12345) % 2147483648) >>> 16);
}

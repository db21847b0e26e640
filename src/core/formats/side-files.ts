import type { ByteSource } from '../bytes/source.ts';
import { configKind, inspectConfig, type ConfigKind } from '../content/config-files.ts';
import type { Finding } from '../content/finding.ts';
import { inspectSentencePiece, looksLikeSentencePiece } from './sentencepiece.ts';

/** What a file beside the weights is, and what is worth attention in it. */
export interface SideFile {
  readonly kind: ConfigKind | 'sentencepiece';
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** Whether `inspectSideFile` knows such a file. @param head the first bytes */
export function isSideFile(name: string, head: Uint8Array): boolean {
  return configKind(name) !== null || looksLikeSentencePiece(head, name);
}

/**
 * Looks into a configuration, tokenizer, template, model card or Python file; null when the file is none of these.
 *
 * @param head the first bytes, at least one
 * @throws AppError FORMAT_* when it cannot be read at all: then nothing about it is known; SOURCE_*
 */
export async function inspectSideFile(
  source: ByteSource,
  head: Uint8Array,
  signal?: AbortSignal,
): Promise<SideFile | null> {
  const kind = configKind(source.name);
  if (kind !== null) return { kind, findings: await inspectConfig(source, kind, signal), facts: {} };
  if (!looksLikeSentencePiece(head, source.name)) return null;
  return { kind: 'sentencepiece', ...(await inspectSentencePiece(source, signal)) };
}

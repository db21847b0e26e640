import type { Finding, FindingCode } from '../content/finding.ts';
import type { PickleImport } from '../content/pickle/import.ts';
import type { AppError, ErrorData } from '../errors.ts';

/** Findings that must not be lost because the file is broken somewhere else: something would run or be written. */
const ACTS: ReadonlySet<FindingCode> = new Set([
  'computed-call',
  'computed-global',
  'dangerous-global',
  'extension-code',
  'executable',
  'nested-pickle',
  'odd-global-name',
  'patched-global',
  'path-traversal',
  'resource-call',
  'symlink',
  'torchscript-dangerous-op',
]);

/**
 * Whether what was found stands although the artifact could not be read to its end: a pickle acts before it breaks. An
 * unknown name counts when it is called; a storage class that nobody knows is only a type.
 */
export function acts(findings: readonly Finding[], imports: readonly PickleImport[] = []): boolean {
  if (findings.some((finding) => finding.severity === 'danger' && ACTS.has(finding.code))) return true;
  return imports.some((found) => found.class === 'unknown' && found.called);
}

/**
 * What to do with the first error of an artifact: throws it when nothing was found that acts, otherwise gives it as
 * data for `OpenArtifact.incomplete`.
 */
export function incompleteOr(
  errors: readonly AppError[],
  findings: readonly Finding[],
  imports: readonly PickleImport[],
): { readonly incomplete?: ErrorData } {
  const [error] = errors;
  if (error === undefined) return {};
  if (!acts(findings, imports)) throw error;
  return { incomplete: error.toData() };
}

/** What all detached signatures have in common: covering the file they are over, and being put together at the end. */
import { sha256Hex } from '../../../crypto/digest.ts';
import { toErrorData, type ErrorData } from '../../../errors.ts';
import { concluded, type Attestation, type CoveredFile, type Signer, type Warning } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import type { Steps } from '../steps.ts';
import { checkSignedList, withinBase, type Listed } from './signed-list.ts';
import type { SignedFile } from './signed-file.ts';

export interface Findings {
  readonly signer?: Signer;
  readonly files: readonly CoveredFile[];
  readonly warnings: readonly Warning[];
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export function finished(kind: string, { path }: AttestationInput, steps: Steps, found: Findings): Attestation {
  const { signer, files, warnings, facts } = found;
  const list = steps.list();
  const broken = list.some(({ id, outcome }) => id !== 'files' && outcome === 'contradicts');
  const outcome = concluded(list);
  return {
    kind,
    path,
    outcome,
    steps: list,
    ...(signer === undefined || broken ? {} : { signer }),
    files,
    warnings,
    facts,
  };
}

/** The file whose signature holds, and what it lists when it is a list. Adds the steps `statement` and `files`. */
export async function covered(input: AttestationInput, steps: Steps, file: SignedFile): Promise<Listed> {
  const own: CoveredFile = { path: withinBase(file.path, input.path), state: 'same' };
  if (file.list === undefined) {
    steps.matches('files', { detail: { same: 1 } });
    return { files: [own], warnings: [] };
  }
  const { files, warnings } = await checkSignedList(input, steps, file.path, file.list);
  return { files: [own, ...files], warnings };
}

/** The file a signature is over when nothing can be said about it: for the map of what is covered. */
export function uncovered(
  input: AttestationInput,
  file: Pick<SignedFile, 'path' | 'sure'> | null,
  steps: Steps,
): readonly CoveredFile[] {
  if (file === null || !file.sure) return [];
  const reason: ErrorData | undefined = steps.list().find(({ outcome }) => outcome === 'could-not-check')?.reason;
  return [
    { path: withinBase(file.path, input.path), state: 'not-checked', ...(reason === undefined ? {} : { reason }) },
  ];
}

/** Whom a key stands for: the file it was given in, or the name that file gives it. */
export async function keySigner(name: string, spki: Uint8Array): Promise<Signer> {
  return { method: 'key', name, key: await sha256Hex(spki) };
}

/** A file that is not here leaves the signature open; it does not stop the rest from being said. */
export async function fileOrReason(
  find: () => Promise<SignedFile>,
): Promise<
  { readonly file: SignedFile; readonly reason?: undefined } | { readonly file: null; readonly reason: ErrorData }
> {
  try {
    return { file: await find() };
  } catch (error) {
    const reason = toErrorData(error);
    if (reason.code !== 'ATTEST_NO_SIGNED_FILE') throw error;
    return { file: null, reason };
  }
}

/** What attestations establish, as checks: who vouches, and which files are the ones that were signed or recorded. */
import type { Attestation, CoveredFile, Step } from '../claims/attestations/attestation.ts';
import type { TrustSource } from '../claims/check.ts';
import type { CheckDraft } from '../claims/check-list.ts';
import { ROWS_LISTED_MAX } from '../limits.ts';

/** @param here paths of all files of the model */
export function attestedChecks(attestation: Attestation, here: readonly string[]): readonly CheckDraft[] {
  return [summary(attestation), ...fileChecks(attestation, here)];
}

/** The one row about the attestation itself. Its steps stand in the report beside it. */
function summary(attestation: Attestation): CheckDraft {
  const { kind, path, outcome, signer, steps, files } = attestation;
  const telling =
    steps.find((step) => step.outcome === 'contradicts') ?? steps.find((step) => step.outcome === 'could-not-check');
  const same = files.filter(({ state }) => state === 'same').length;
  const reason = telling?.reason;
  return {
    axis: isSigned(attestation) ? 'signer' : 'bytes',
    kind: isSigned(attestation) ? 'signature' : 'record',
    outcome,
    source: sourceOf(attestation),
    path,
    ...(reason === undefined ? {} : { reason }),
    detail: {
      attestation: kind,
      same,
      ...(attestation.facts['embedded'] === true ? { embedded: true } : {}),
      ...(telling === undefined ? {} : { step: telling.id }),
      ...(signer === undefined ? {} : { signer: signer.name }),
      ...(signer?.issuer === undefined ? {} : { issuer: signer.issuer }),
      ...(attestation.warnings.length === 0 ? {} : { warning: attestation.warnings[0]!.code }),
    },
  };
}

/** Unsigned records (DVC, MLEM, most bills of materials) have no step in which a signature is looked at. */
export function isSigned({ steps }: { readonly steps: readonly Step[] }): boolean {
  return steps.some(
    ({ id, outcome }) => (id === 'signature' || id === 'quote' || id === 'material') && outcome !== 'no-claim',
  );
}

/** `release@example.org’s signature (model.sig)` when it is established who signed; the file's own name otherwise. */
function sourceOf({ path, signer, outcome, kind, facts }: Attestation): TrustSource {
  const file = path.slice(path.lastIndexOf('/') + 1);
  const vouched = signer !== undefined && outcome === 'matches';
  // One that stands in the file it is about is named after neither: “model has the digest in model” says nothing.
  if (facts['embedded'] === true) {
    const name = vouched ? `the manifest of ${signer.name} inside it` : 'its own manifest';
    return { kind: `attestation-${kind}-inside`, name, independent: vouched };
  }
  return {
    kind: `attestation-${kind}`,
    name: vouched ? `${signer.name}’s signature (${file})` : file,
    independent: vouched,
  };
}

/** That some files differ, or that a description beside the hashes is wrong, says nothing against the rest of the list. */
const BESIDE_THE_LIST: readonly Step['id'][] = ['files', 'binding', 'consistency'];

/** A list in a statement that does not hold says nothing about files. */
export function listHolds({ steps }: { readonly steps: readonly Step[] }): boolean {
  return !steps.some(({ id, outcome }) => outcome === 'contradicts' && !BESIDE_THE_LIST.includes(id));
}

/** A file of a statement as a path of the model: some statements count from their own folder. */
export function modelPath(attestation: string, path: string, has: (path: string) => boolean): string {
  const base = attestation.slice(0, attestation.lastIndexOf('/') + 1);
  return base !== '' && has(base + path) ? base + path : path;
}

function fileChecks(attestation: Attestation, here: readonly string[]): readonly CheckDraft[] {
  const { steps, files } = attestation;
  if (!listHolds(attestation)) return [];
  const source = sourceOf(attestation);
  const present = new Set(here);
  // A statement may speak of more files than are here, and a person may allow files that nobody signed.
  const open = steps.find(({ id }) => id === 'files')?.outcome !== 'contradicts';
  const compared = steps.some(({ id }) => id === 'files');
  const rows: CheckDraft[] = [];
  for (const [path, parts] of byPath(files)) {
    const full = modelPath(attestation.path, path, (one) => present.has(one));
    const draft = rowOf(parts, full, source, open);
    // A signature over a file states no digest: where it was not checked, nothing was to be compared with the bytes.
    const silent = draft?.outcome === 'could-not-check' && draft.expected === undefined && !compared;
    if (draft !== null && !silent) rows.push(draft);
  }
  const kept = rows.filter(({ outcome }) => outcome !== 'matches').slice(0, ROWS_LISTED_MAX);
  return [...rows.filter(({ outcome }) => outcome === 'matches'), ...kept];
}

function rowOf(parts: readonly CoveredFile[], path: string, source: TrustSource, open: boolean): CheckDraft | null {
  const worst = ['missing', 'changed', 'extra', 'not-checked', 'same'].flatMap((state) =>
    parts.filter((part) => part.state === state),
  )[0];
  if (worst === undefined) return null;
  const { algorithm, expected, actual, reason } = worst;
  const about = { axis: 'bytes', source, path } as const;
  const digests = {
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  };
  switch (worst.state) {
    case 'same':
      // A signature over the file itself states no digest of its own.
      return { ...about, ...digests, kind: 'file-digest', outcome: 'matches', algorithm: algorithm ?? 'sha256' };
    case 'changed':
      return { ...about, ...digests, kind: 'file-digest', outcome: 'contradicts' };
    case 'missing':
      return { ...about, kind: 'file-missing', outcome: open ? 'no-claim' : 'contradicts' };
    case 'extra':
      return { ...about, kind: 'file-extra', outcome: open ? 'no-claim' : 'contradicts' };
    default:
      return {
        ...about,
        ...digests,
        kind: 'file-digest',
        outcome: 'could-not-check',
        ...(reason === undefined ? {} : { reason }),
      };
  }
}

function byPath(files: readonly CoveredFile[]): ReadonlyMap<string, readonly CoveredFile[]> {
  const groups = new Map<string, CoveredFile[]>();
  for (const file of files) {
    const group = groups.get(file.path);
    if (group === undefined) groups.set(file.path, [file]);
    else group.push(file);
  }
  return groups;
}

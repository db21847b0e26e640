/** Keys and certificates that a person keeps on this device, put to use where a signature asks for one that is not given. */
import type { ErrorCode } from '../../errors.ts';
import type { Attestation, StepId, TrustOrigin } from './attestation.ts';
import type { AttestationInput, AttestationKind, Supplied } from './kind.ts';

interface Sort {
  readonly of: 'keys' | 'roots';
  /** What a step says that lacks one. */
  readonly missing: ErrorCode;
  /** Where it shows that one was relied on. */
  readonly step: StepId;
}

const SORTS: readonly Sort[] = [
  { of: 'keys', missing: 'ATTEST_NO_KEY', step: 'signature' },
  { of: 'roots', missing: 'ATTEST_NO_ROOT', step: 'certificate' },
  { of: 'roots', missing: 'ATTEST_NO_AUTHORITY', step: 'certificate' },
];

/**
 * Examines with what is given; then, where that lacked a key or a root certificate, with each that is kept, one at a time.
 * A kept key is no expectation: a signature by somebody else's key stays unestablished and does not become a
 * contradiction. One that fits counts, and the step that relied on it names it.
 *
 * @throws AppError as `examine` of the kind
 */
export async function examineWithKept(kind: AttestationKind, input: AttestationInput): Promise<readonly Attestation[]> {
  let found = await kind.examine(input);
  const { kept } = input.expect;
  if (kept === undefined) return found;
  for (const { of, missing, step } of SORTS) {
    if (input.expect[of].length > 0) continue;
    for (const one of kept[of]) {
      if (!found.some((attestation) => lacks(attestation, missing))) break;
      const tried = await kind.examine({ ...input, expect: { ...input.expect, [of]: [one] } });
      found = found.map((before, i) => {
        const after = tried[i];
        const better = after !== undefined && lacks(before, missing) && reliedOn(after, step, one);
        return better ? after : before;
      });
    }
  }
  return found;
}

function lacks({ steps }: Attestation, missing: ErrorCode): boolean {
  return steps.some(({ reason }) => reason?.code === missing);
}

function reliedOn({ steps }: Attestation, id: StepId, { origin }: Supplied): boolean {
  return steps.some((step) => step.id === id && step.outcome === 'matches' && sameOrigin(step.trust, origin));
}

function sameOrigin(a: TrustOrigin | undefined, b: TrustOrigin): boolean {
  return a !== undefined && a.from === b.from && a.name === b.name && a.sha256 === b.sha256;
}

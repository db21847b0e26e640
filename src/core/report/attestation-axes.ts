/** Three questions that are easily taken for one: are the bytes those of the statement, who made it, and is that whom one expects. */
import { concluded, type Attestation, type Step, type StepId } from '../claims/attestations/attestation.ts';
import type { Outcome } from '../claims/check.ts';

/**
 * `integrity`: the statement can be read and the bytes are those it lists. `authenticity`: its signature, and whose it
 * is. `policy`: whether who signed, and how it was made, is what the person expects.
 */
export const ATTESTATION_AXES = ['integrity', 'authenticity', 'policy'] as const;
export type AttestationAxis = (typeof ATTESTATION_AXES)[number];

const AUTHENTICITY: readonly StepId[] = [
  'material',
  'certificate',
  'sct',
  'time',
  'log',
  'signature',
  'simulation',
  'quote',
];
const POLICY: readonly StepId[] = ['identity', 'limits', 'policy', 'freshness', 'os-image'];

/** Everything that is neither about the signature nor about expectations is about what is stated. */
export function axisOfStep(id: StepId): AttestationAxis {
  if (AUTHENTICITY.includes(id)) return 'authenticity';
  return POLICY.includes(id) ? 'policy' : 'integrity';
}

export function stepsOf(axis: AttestationAxis, steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ id }) => axisOfStep(id) === axis);
}

/** The outcome of each axis by its own steps; one without steps, or with nothing to check, is `no-claim`. */
export function axisOutcome(axis: AttestationAxis, { steps }: Pick<Attestation, 'steps'>): Outcome {
  return concluded(stepsOf(axis, steps));
}

/**
 * True when it is established who signed: a signature holds, every step about it was made, and its signer is the one
 * the person gave or named. Whether the files are the signed ones is another question.
 */
export function signerEstablished({ steps, signer }: Pick<Attestation, 'steps' | 'signer'>): boolean {
  if (signer === undefined) return false;
  const asked = steps.filter(({ id }) => id === 'identity' || axisOfStep(id) === 'authenticity');
  const held = asked.some(({ id, outcome }) => (id === 'signature' || id === 'quote') && outcome === 'matches');
  return held && asked.every(({ outcome }) => outcome === 'matches' || outcome === 'no-claim');
}

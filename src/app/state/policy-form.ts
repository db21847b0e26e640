/** A policy as the form shows it: the JSON is what counts, the fields are a view of it. */
import type { Attestation } from '../../core/claims/attestations/attestation.ts';
import { readPolicy, type Policy } from '../../core/claims/attestations/in-toto/policy.ts';
import { toErrorData, type ErrorData } from '../../core/errors.ts';
import type { PolicyKey } from '../text/policy.ts';

export interface PolicyDraft {
  readonly policy: Policy;
  readonly error: ErrorData | null;
}

/** By the parser that checks are made with. Empty text is a policy that asks nothing. */
export function readDraft(text: string): PolicyDraft {
  if (text.trim() === '') return { policy: {}, error: null };
  try {
    return { policy: readPolicy(new TextEncoder().encode(text)), error: null };
  } catch (error) {
    return { policy: {}, error: toErrorData(error) };
  }
}

/** As JSON; empty when nothing is asked. */
export function writePolicy(policy: Policy): string {
  return Object.keys(policy).length === 0 ? '' : `${JSON.stringify(policy, null, 2)}\n`;
}

/** What a field shows. */
export function fieldText(policy: Policy, key: PolicyKey): string {
  const value = policy[key];
  return typeof value === 'string' ? value : (value?.join(' ') ?? '');
}

/** The JSON with one field changed. An emptied field asks nothing. */
export function withField(policy: Policy, key: PolicyKey, text: string): string {
  const { [key]: _, ...rest } = policy;
  const value = key === 'levels' ? text.split(/[\s,]+/).filter((level) => level !== '') : text.trim();
  return writePolicy(value.length === 0 ? rest : { ...rest, [key]: value });
}

/** An attestation that says something a policy can ask about. */
export interface Stating {
  readonly path: string;
  readonly policy: Policy;
}

const STATED: readonly PolicyKey[] = ['source', 'ref', 'builder', 'buildType', 'verifier', 'resource'];

/**
 * What statements say of themselves, to begin with. It is what would be checked, so it proves nothing until each value was
 * found right in another place.
 */
export function statedPolicies(attestations: readonly Attestation[]): readonly Stating[] {
  return attestations.flatMap(({ path, facts }): Stating[] => {
    if (typeof facts['predicateType'] !== 'string') return [];
    const policy: Record<string, string | readonly string[]> = {};
    for (const key of STATED) {
      const value = facts[key];
      if (typeof value === 'string' && value !== '') policy[key] = value;
    }
    const levels = facts['levels'];
    if (typeof levels === 'string' && levels !== '') policy['levels'] = levels.split(', ');
    return Object.keys(policy).length === 0 ? [] : [{ path, policy }];
  });
}

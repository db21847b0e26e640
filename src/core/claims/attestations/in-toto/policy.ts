/** What a person expects of how something was made: a small JSON file, every field optional. */
import { AppError } from '../../../errors.ts';
import { isObject, strictJson } from '../json.ts';
import type { Supplied } from '../kind.ts';

export interface Policy {
  /** Source repository, with or without `https://` and `git+`. */
  readonly source?: string;
  /** Branch or tag as Git names it: `refs/tags/v1.0`. */
  readonly ref?: string;
  /** Builder id, with or without its `@ref`. */
  readonly builder?: string;
  readonly buildType?: string;
  /** Package and version, as a package registry names them. */
  readonly package?: string;
  readonly version?: string;
  /** Verification summaries: who verified, what for, and which levels at least. */
  readonly verifier?: string;
  readonly resource?: string;
  readonly levels?: readonly string[];
  /** A subject by a digest that cannot be computed from files: `gce_image_id:8970…`. */
  readonly subject?: string;
  /** Key id the envelope must name. */
  readonly keyId?: string;
}

const TEXTS = [
  'source',
  'ref',
  'builder',
  'buildType',
  'package',
  'version',
  'verifier',
  'resource',
  'subject',
  'keyId',
] as const;

/** Several files together are one policy; later ones win. @throws AppError ATTEST_POLICY_FILE {why} */
export function readPolicies(supplied: readonly Supplied[]): Policy {
  return supplied.reduce<Policy>((policy, { bytes }) => ({ ...policy, ...readPolicy(bytes) }), {});
}

/** One file. @throws AppError ATTEST_POLICY_FILE {why} */
export function readPolicy(bytes: Uint8Array): Policy {
  let value: unknown;
  try {
    value = strictJson(bytes);
  } catch (error) {
    throw new AppError('ATTEST_POLICY_FILE', { why: 'not JSON' }, error);
  }
  if (!isObject(value)) throw new AppError('ATTEST_POLICY_FILE', { why: 'not an object' });
  const policy: Record<string, string | readonly string[]> = {};
  // A misspelt field would be an expectation that is silently never checked.
  for (const [key, one] of Object.entries(value)) {
    if (TEXTS.some((name) => name === key) && typeof one === 'string') policy[key] = one;
    else if (key === 'levels' && Array.isArray(one) && one.every((level) => typeof level === 'string'))
      policy[key] = one;
    else throw new AppError('ATTEST_POLICY_FILE', { why: `“${key.slice(0, 40)}” is not understood` });
  }
  return policy;
}

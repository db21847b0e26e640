/** What a person gives to check signatures with, sorted by what it is. */
import type { Expectations, Supplied } from '../../core/claims/attestations/kind.ts';

/** Keys, certificates and trust roots are small; a policy too. Bytes. */
export const SUPPLIED_MAX = 1024 * 1024;

export interface Given {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ExpectedOf {
  /** Empty: nobody in particular. */
  readonly identity: string;
  readonly issuer: string;
  readonly given: readonly Given[];
}

/** Certificates by their PEM label or ending, JSON as trust root or policy by its media type; everything else is a key. */
export function expectationsOf({ identity, issuer, given }: ExpectedOf): Expectations {
  const all = given.map(({ name, bytes }) => ({
    kind: kindOf(name, new TextDecoder('latin1').decode(bytes)),
    supplied: { bytes, origin: { from: 'given', name } } satisfies Supplied,
  }));
  const of = (kind: string): readonly Supplied[] => all.filter((one) => one.kind === kind).map((one) => one.supplied);
  return {
    keys: of('key'),
    roots: of('root'),
    trustedRoots: of('trust-root'),
    policies: of('policy'),
    measurements: of('measurements'),
    signers: identity === '' ? [] : [{ identity, ...(issuer === '' ? {} : { issuer }) }],
    ignore: [],
    allowExtra: false,
  };
}

function kindOf(name: string, text: string): 'key' | 'root' | 'trust-root' | 'policy' | 'measurements' {
  if (text.includes('-----BEGIN CERTIFICATE-----') || /\.(?:crt|cer|der)$/i.test(name)) return 'root';
  if (!text.trimStart().startsWith('{')) return 'key';
  if (/"(?:measurements|containers)"\s*:\s*\{/.test(text)) return 'measurements';
  return /vnd\.dev\.sigstore\.(?:trustedroot|clienttrustconfig)/.test(text) ? 'trust-root' : 'policy';
}

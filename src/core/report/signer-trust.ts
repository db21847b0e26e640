/** Remembered signers put to use: what their signatures are checked with, and what a report says once it was compared with them. */
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import type { Attestation, StepId } from '../claims/attestations/attestation.ts';
import type { Expectations, RememberedTrust, Supplied } from '../claims/attestations/kind.ts';
import { withRemembered } from '../claims/attestations/remembered.ts';
import type { Report } from './report.ts';
import { compareSigners } from './signer-compare.ts';
import type { KeptPolicy } from './signer-file.ts';
import {
  metSigners,
  type Material,
  type Met,
  type MetIn,
  type SignerName,
  type SignerRecord,
} from './signer-memory.ts';
import { withChecks } from './with-checks.ts';

/** What the person accepted, as expectations. Signers that were merely seen are compared afterwards and expected of nobody. */
export function rememberedTrust(records: readonly SignerRecord[]): readonly RememberedTrust[] {
  return records
    .filter(({ how }) => how === 'accepted')
    .map(({ signer, attestations, materials, acceptedOn = '' }) => {
      const { method, name, issuer } = signer;
      const of = (kind: Material['kind']): Supplied[] =>
        materials
          .filter((material) => material.kind === kind)
          .map((material) => ({
            bytes: fromBase64(material.bytes),
            origin: { from: 'accepted', name: material.name, date: acceptedOn },
          }));
      const origin = { from: 'accepted', name, date: acceptedOn } as const;
      return {
        attestations,
        signers: method === 'sigstore' ? [{ identity: name, ...(issuer === undefined ? {} : { issuer }), origin }] : [],
        keys: of('key'),
        roots: of('root'),
        trustedRoots: of('trust-root'),
      };
    });
}

/** With what was remembered for a publisher; a policy given now takes the place of the kept one. */
export function expectingRemembered(
  given: Expectations,
  records: readonly SignerRecord[],
  policy: KeptPolicy | undefined,
): Expectations {
  const kept: Supplied[] =
    policy === undefined
      ? []
      : [
          {
            bytes: new TextEncoder().encode(policy.policy),
            origin: { from: 'accepted', name: `the policy for ${policy.publisher}`, date: policy.acceptedOn },
          },
        ];
  return {
    ...given,
    policies: given.policies.length > 0 ? given.policies : kept,
    remembered: rememberedTrust(records),
  };
}

/** What each signature was checked with, so that it can be kept with its signer. */
function materialsOf(expect: Expectations) {
  return ({ kind, steps }: Attestation, { method, name, root }: SignerName): readonly Material[] => {
    const used = withRemembered(expect, kind);
    const relied = (...ids: readonly StepId[]): readonly (string | undefined)[] =>
      steps.filter(({ id }) => ids.includes(id)).map(({ trust }) => trust?.name);
    const of = (sort: 'keys' | 'roots' | 'trustedRoots', wanted: readonly (string | undefined)[]) =>
      [...used[sort], ...(expect.kept?.[sort] ?? [])].filter(({ origin }) => wanted.includes(origin.name));
    const as = (sort: Material['kind'], list: readonly Supplied[]): readonly Material[] =>
      list.map(({ bytes, origin }) => ({ kind: sort, name: origin.name, bytes: toBase64(bytes) }));
    switch (method) {
      case 'key':
        return as('key', of('keys', [name, ...relied('material', 'signature')]));
      case 'certificate':
        // The step names the first of several roots: any of them may be the one.
        return as('root', used.roots.length > 0 ? used.roots : of('roots', relied('certificate')));
      case 'sigstore':
        return root === undefined ? [] : as('trust-root', of('trustedRoots', relied('certificate')));
    }
  };
}

export interface Compared {
  readonly report: Report;
  readonly met: readonly Met[];
}

/** The report with what comparing its signers with the remembered ones gave. Nothing is remembered by it. */
export function comparedWithSigners(
  report: Report,
  publisher: string,
  records: readonly SignerRecord[],
  expect: Expectations,
): Compared {
  const { attestations, checks } = report;
  const met = metSigners(attestations, materialsOf(expect));
  const rememberedKeys = expect.keys.length === 0;
  const found = compareSigners({ publisher, records, met, attestations, checks, rememberedKeys });
  return { report: found.length === 0 ? report : withChecks(report, found), met };
}

/** Where a signer was met, from the report. */
export function metIn({ subject: { name, repo, commit } }: Pick<Report, 'subject'>): MetIn {
  return {
    name: name.slice(0, 300) || 'a model',
    ...(repo === undefined ? {} : { repo: repo.slice(0, 300) }),
    ...(commit === undefined ? {} : { commit: commit.slice(0, 100) }),
  };
}

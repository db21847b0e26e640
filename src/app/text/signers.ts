/** Words for remembered signers: their name so that two keys with one file name are told apart, and when they were met. */
import type { SignerName, SignerRecord } from '../../core/report/signer-memory.ts';
import { longDate } from '../../core/report/words/causes.ts';
import { clean } from '../../core/report/words/detail.ts';

/** `release.pem (key 1f2e3d4c5b6a7980…)`, `ann@example.org (vouched for by https://…)`. */
export function signerName({ method, name, issuer, key }: SignerName): string {
  const shown = clean(name, 160);
  if (method === 'key') return `${shown} (key ${(key ?? '').slice(0, 16)}…)`;
  return issuer === undefined ? shown : `${shown} (vouched for by ${clean(issuer, 160)})`;
}

/** `accepted on 3 May 2026; seen 3 times, first on 1 May 2026, last on 2 June 2026`. */
export function signerHistory({ times, firstSeen, lastSeen, acceptedOn, subject }: SignerRecord): string {
  const on = acceptedOn === undefined ? [] : [`accepted on ${longDate(acceptedOn)}`];
  if (times === 0 || firstSeen === undefined || lastSeen === undefined) return [...on, 'never met here'].join('; ');
  const where = subject === undefined ? '' : ` in “${clean(subject.repo ?? subject.name, 80)}”`;
  const met =
    times === 1
      ? `seen once, on ${longDate(firstSeen)}${where}`
      : `seen ${times} times, first on ${longDate(firstSeen)}, last on ${longDate(lastSeen)}${where}`;
  return [...on, met].join('; ');
}

/** Who signed now, against who is remembered for the publisher: checks of their own, beside those of each signature. */
import type { Attestation } from '../claims/attestations/attestation.ts';
import type { TrustSource } from '../claims/check.ts';
import type { CheckDraft } from '../claims/check-list.ts';
import { isSigned } from './attested.ts';
import { signerId, type Met, type SignerName, type SignerRecord } from './signer-memory.ts';

export interface SignerComparison {
  readonly publisher: string;
  /** All that is remembered of this publisher, as it was before these files were looked at. */
  readonly records: readonly SignerRecord[];
  readonly met: readonly Met[];
  readonly attestations: readonly Attestation[];
  /** Other checks of the report: a signature that could not be read is one all the same. */
  readonly checks: readonly { readonly kind: string; readonly path?: string }[];
  /** True: keys that were accepted earlier were the ones used, because none were given now. */
  readonly rememberedKeys: boolean;
}

const SOURCE: TrustSource = {
  kind: 'signer-memory',
  name: 'the signers remembered on this device',
  independent: true,
};

type Event = 'first' | 'same' | 'accepted' | 'also' | 'changed' | 'other-key' | 'unsigned' | 'open';
type Detail = Record<string, string | number | boolean>;

/**
 * Empty when there is nothing to say. A change of an accepted signer contradicts; a change of one that was merely seen
 * could not be checked, because nobody said whom to expect; a signer who is new to this device is no claim by anybody.
 */
export function compareSigners(input: SignerComparison): readonly CheckDraft[] {
  const { publisher, records, met } = input;
  const known = new Map(records.map((record) => [signerId(record.signer)!, record]));
  const accepted = records.filter(({ how }) => how === 'accepted');
  const seen = records.filter(({ how }) => how === 'seen');
  const expected = accepted.length > 0 ? accepted : seen;
  const all = distinct(met);
  const sound = all.filter((one) => one.sound);
  const of = (one: Met): SignerRecord | undefined => known.get(signerId(one.signer)!);
  const isExpected = (one: Met): boolean => expected.includes(of(one)!);
  const out: CheckDraft[] = [];
  const say = (event: Event, outcome: CheckDraft['outcome'], path: string | undefined, detail: Detail): void => {
    const kind = event === 'changed' || event === 'other-key' ? 'signer-changed' : 'signer-memory';
    const about = path === undefined ? {} : { path };
    out.push({ axis: 'signer', kind, outcome, source: SOURCE, ...about, detail: { event, publisher, ...detail } });
  };
  for (const one of sound.filter(isExpected)) {
    const record = of(one)!;
    say(record.how === 'accepted' ? 'accepted' : 'same', 'matches', one.path, {
      ...nameDetail(one.signer),
      ...dates(record),
    });
  }
  const others = all.filter((one) => !isExpected(one));
  if (expected.length === 0) {
    for (const one of others) if (one.sound) say('first', 'no-claim', one.path, nameDetail(one.signer));
    return out;
  }
  if (out.length > 0) {
    for (const one of others) if (one.sound) say('also', 'no-claim', one.path, nameDetail(one.signer));
    return out;
  }
  const outcome = accepted.length > 0 ? 'contradicts' : 'could-not-check';
  const before = beforeDetail(expected);
  for (const one of others) {
    const again = of(one)?.firstSeen;
    const metBefore = again === undefined ? {} : { metBefore: again };
    say('changed', outcome, one.path, { ...nameDetail(one.signer), ...metBefore, ...before });
  }
  if (all.length > 0) return out;
  const otherKey = input.attestations.find(({ steps }) =>
    steps.some(({ reason, outcome: step }) => step === 'contradicts' && reason?.code === 'ATTEST_OTHER_KEY'),
  );
  if (otherKey !== undefined && input.rememberedKeys) say('other-key', outcome, otherKey.path, before);
  else if (input.attestations.some(isSigned) || input.checks.some(isSignatureFile))
    say('open', 'could-not-check', undefined, before);
  else say('unsigned', 'could-not-check', undefined, before);
  return out;
}

/** A file with the name of a signature that could not be read. */
function isSignatureFile({ kind, path }: { readonly kind: string; readonly path?: string }): boolean {
  return kind === 'signature' && path !== undefined;
}

/** Each signer once, by a signature that holds in all its parts where there is one. */
function distinct(met: readonly Met[]): readonly Met[] {
  const found = new Map<string, Met>();
  for (const one of met) {
    const id = signerId(one.signer)!;
    if (!found.has(id) || (one.sound && !found.get(id)!.sound)) found.set(id, one);
  }
  return [...found.values()];
}

function nameDetail({ method, name, issuer, key }: SignerName): Detail {
  return {
    method,
    signer: name,
    ...(issuer === undefined ? {} : { issuer }),
    ...(key === undefined ? {} : { key }),
  };
}

function dates({ firstSeen, lastSeen, times, acceptedOn }: SignerRecord): Detail {
  return {
    times,
    ...(firstSeen === undefined ? {} : { first: firstSeen }),
    ...(lastSeen === undefined ? {} : { last: lastSeen }),
    ...(acceptedOn === undefined ? {} : { acceptedOn }),
  };
}

/** The one met last, and how many others there are. */
function beforeDetail(expected: readonly SignerRecord[]): Detail {
  const last = ({ lastSeen, acceptedOn }: SignerRecord): string => lastSeen ?? acceptedOn ?? '';
  const [lead] = [...expected].sort((a, b) => (last(a) < last(b) ? 1 : -1));
  const own = Object.entries({ ...nameDetail(lead!.signer), ...dates(lead!) });
  const named = own.map(([key, value]) => [`before${key.charAt(0).toUpperCase()}${key.slice(1)}`, value] as const);
  return { ...Object.fromEntries(named), beforeOthers: expected.length - 1 };
}

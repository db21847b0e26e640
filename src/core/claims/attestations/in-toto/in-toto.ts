/** In-toto attestations: bare envelopes, one or several to a file, and the pairs that the npm registry publishes. */
import { fromBase64 } from '../../../bytes/base64.ts';
import { sha256Hex } from '../../../crypto/digest.ts';
import { pemBlocks, pemOrDer } from '../../../crypto/pem.ts';
import { parsePublicKey, verifySignature } from '../../../crypto/public-key.ts';
import { AppError, toErrorData } from '../../../errors.ts';
import { CLAIM_BUNDLE_MAX, IN_TOTO_LINES_MAX } from '../../../limits.ts';
import { concluded, type Attestation, type TrustOrigin } from '../attestation.ts';
import { parseEnvelope, preAuthEncoding, type Envelope } from '../dsse.ts';
import { field, listField, strictJson, textField } from '../json.ts';
import type { AttestationInput, AttestationKind, Supplied } from '../kind.ts';
import { examineSigstore, isBundle } from '../sigstore/sigstore.ts';
import { shippedTarget } from '../sigstore/shipped-root.ts';
import { Steps } from '../steps.ts';
import type { SignedBill } from './bills.ts';
import { examineStatement, type Facts } from './examine.ts';
import { readPolicies } from './policy.ts';

export const IN_TOTO: AttestationKind = {
  id: 'in-toto',
  title: 'in-toto and SLSA attestations',
  names:
    /\.intoto\.(?:jsonl?|sigstore)$|\.att(?:\.json)?$|vsa\.jsonl?$|\.slsa$|provenance\.(?:jsonl?|sigstore)$|\.tgz\.json$|^npm-attestations\.json$/i,
  recognises: (_, bytes) => bytes.length <= CLAIM_BUNDLE_MAX && statementsIn(bytes) !== null,
  examine,
};

type Found =
  | { readonly form: 'envelope' | 'bundle'; readonly bytes: Uint8Array; readonly value: unknown }
  | { readonly form: 'publish'; readonly bytes: Uint8Array; readonly value: unknown };

/** What the file holds, or null when it is none of the forms. */
function statementsIn(bytes: Uint8Array): readonly Found[] | null {
  try {
    const whole = strictJson(bytes);
    const pairs = listField(whole, 'attestations');
    if (pairs.length > 0) return pairs.map((pair) => npmForm(pair));
    return [formOf(whole, bytes)];
  } catch {
    return lines(bytes);
  }
}

/** JSON lines: one attestation each. */
function lines(bytes: Uint8Array): readonly Found[] | null {
  const texts = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (texts.length === 0 || texts.length > IN_TOTO_LINES_MAX) return null;
  try {
    return texts.map((line) => {
      const one = new TextEncoder().encode(line);
      return formOf(strictJson(one), one);
    });
  } catch {
    return null;
  }
}

function formOf(value: unknown, bytes: Uint8Array): Found {
  if (isBundle(bytes)) return { form: 'bundle', bytes, value };
  if (field(value, 'payloadType') === undefined) throw new AppError('ATTEST_BUNDLE', { why: 'no envelope' });
  return { form: 'envelope', bytes, value };
}

/** One of the two that npm's `/-/npm/v1/attestations` gives: the registry's own, and the builder's. */
function npmForm(pair: unknown): Found {
  const value = field(pair, 'bundle');
  const bytes = new TextEncoder().encode(JSON.stringify(value ?? null));
  if (!isBundle(bytes)) throw new AppError('ATTEST_BUNDLE', { why: 'a pair without a bundle' });
  const publish = textField(pair, 'predicateType')?.includes('/npm/attestation/') ?? false;
  return { form: publish ? 'publish' : 'bundle', bytes, value };
}

async function examine(input: AttestationInput): Promise<readonly Attestation[]> {
  const found = statementsIn(input.bytes) ?? [];
  const out: Attestation[] = [];
  for (const { form, bytes, value } of found) {
    const one = { ...input, bytes };
    if (form === 'envelope') out.push(await examineEnvelope(value, one));
    else if (form === 'bundle') out.push(await examineSigstore(one, 'in-toto'));
    // The registry signs with keys of its own, not with the publisher's.
    else out.push(await examineSigstore({ ...one, expect: { ...input.expect, keys: await npmKeys() } }, 'in-toto'));
  }
  return out;
}

async function npmKeys(): Promise<readonly Supplied[]> {
  const { bytes, origin } = await shippedTarget('registry.npmjs.org%2Fkeys.json');
  return listField(strictJson(bytes), 'keys').flatMap((key) => {
    const keyId = textField(key, 'keyid') ?? textField(key, 'keyId');
    const raw = textField(field(key, 'publicKey'), 'rawBytes');
    const period = field(field(key, 'publicKey'), 'validFor');
    const start = textField(period, 'start');
    const end = textField(period, 'end');
    const validFor = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
    return keyId === undefined || raw === undefined ? [] : [{ bytes: fromBase64(raw), origin, keyId, validFor }];
  });
}

/** A bare envelope: by a key the person gave, or by a certificate without any proof of time. */
async function examineEnvelope(value: unknown, input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Facts = {};
  const envelope = await steps.run('bundle', () => parseEnvelope(value));
  let inside: SignedBill = { files: [], warnings: [] };
  let signer: Signed | null = null;
  if (envelope !== null) {
    const certificate = envelope.signatures[0]!.certificate;
    if (certificate === undefined) signer = await byKey(envelope, input, steps);
    else await byBareCertificate(envelope, certificate, steps);
    const payload = { type: envelope.payloadType, bytes: envelope.payload };
    if (steps.failed === null) inside = await examineStatement(payload, {}, input, steps, facts);
  }
  const list = steps.list();
  return {
    kind: 'in-toto',
    path: input.path,
    outcome: concluded(list),
    steps: list,
    ...(signer === null || steps.failed !== null
      ? {}
      : { signer: { method: 'key', name: signer.origin.name, key: await sha256Hex(signer.spki) } }),
    ...inside,
    facts,
  };
}

interface Signed {
  readonly origin: TrustOrigin;
  readonly spki: Uint8Array;
}

/** Any one signature by any one given key. Signatures may be DER or r ‖ s: Google's are the latter. */
async function byKey(envelope: Envelope, { expect }: AttestationInput, steps: Steps): Promise<Signed | null> {
  return steps.run(
    'signature',
    async () => {
      if (expect.keys.length === 0) throw new AppError('ATTEST_NO_KEY');
      const { keyId } = readPolicies(expect.policies);
      const encoded = preAuthEncoding(envelope.payloadType, envelope.payload);
      for (const { bytes, keyid = '' } of envelope.signatures) {
        if (keyId !== undefined && (keyId === '' || keyid !== keyId)) continue;
        for (const { bytes: given, origin } of expect.keys) {
          for (const spki of pemOrDer(given, 'PUBLIC KEY')) {
            const key = parsePublicKey(spki);
            const hash = key.type === 'ec' ? {} : { hash: 'SHA-256' as const };
            if (await verifySignature(key, encoded, bytes, { raw: true, ...hash })) return { origin, spki };
          }
        }
      }
      throw new AppError(keyId === undefined ? 'ATTEST_SIGNATURE' : 'ATTEST_OTHER_KEY');
    },
    ({ origin }) => ({ trust: origin }),
  );
}

/** Old SLSA generators put Fulcio's certificate beside the signature and nothing that says when it was used. */
async function byBareCertificate(envelope: Envelope, pem: string, steps: Steps): Promise<void> {
  const held = await steps.run('signature', async () => {
    const [block] = pemBlocks(pem);
    if (block === undefined) throw new AppError('ATTEST_MATERIAL', { why: 'its certificate is malformed' });
    const { readCertificates, certificateKey } = await import('../../../crypto/certificates.ts');
    const [leaf] = readCertificates([block.der]);
    const encoded = preAuthEncoding(envelope.payloadType, envelope.payload);
    if (!(await verifySignature(parsePublicKey(certificateKey(leaf!)), encoded, envelope.signatures[0]!.bytes))) {
      throw new AppError('ATTEST_SIGNATURE');
    }
    return leaf!;
  });
  if (held !== null) steps.unchecked('time', toErrorData(new AppError('ATTEST_NO_TIME')));
}

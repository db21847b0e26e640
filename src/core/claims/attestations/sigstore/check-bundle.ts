/** One Sigstore bundle, step by step (client specification: github.com/sigstore/architecture-docs). */
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import { AppError, type ErrorCode } from '../../../errors.ts';
import { fromBase64, toBase64 } from '../../../bytes/base64.ts';
import { toHex } from '../../../bytes/hex.ts';
import { sha256Hex } from '../../../crypto/digest.ts';
import { field, listField, strictJson, textField } from '../json.ts';
import type { StepId, TrustOrigin } from '../attestation.ts';
import type { Steps } from '../steps.ts';
import { answerAhead } from './certificate-answers.ts';
import { messageEntity, notedDigestDiffers, type SignedArtifact } from './content.ts';
import type { Bundle, SignedEntity, Signer } from './engine.ts';
import { entryVerifiers } from './entry.ts';
import type { SigstoreEngine } from './load.ts';
import { olderRoot, otherInstance } from './older-root.ts';
import type { SigstoreTrust } from './trust.ts';

/** The only media types there are (protobuf-specs, sigstore_bundle.proto). The packages take any version number. */
const MEDIA_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
]);

export interface VerifiedBundle {
  /** Subject alternative name of the certificate; the key's hint for a managed key. */
  readonly identity: string;
  /** OIDC issuer, as Fulcio recorded it. */
  readonly issuer?: string;
  /** SHA-256 of the signing key (SubjectPublicKeyInfo), lower-case hex. */
  readonly key: string;
  /** ISO 8601; the earliest time somebody vouches for. */
  readonly signedAt?: string;
  /** Fulcio's certificate, DER. */
  readonly certificate?: Uint8Array;
  /** Signed text of an envelope. */
  readonly payload?: { readonly type: string; readonly bytes: Uint8Array };
  /** Place in the log, when it is in one. */
  readonly logIndex?: string;
}

export interface BundleOptions {
  /** What a message signature is over. */
  readonly artifact?: SignedArtifact;
  /** Certificate-log timestamps asked for; 0 for managed keys, which have no certificate. Default 1. */
  readonly ctlogs?: number;
  /** ISO time that counts as now; absent: no bundle is taken for newer than its trust root. */
  readonly now?: string;
}

/**
 * Adds the steps `bundle`, `signature`, `time`, `certificate`, `sct`, `log`, in this order.
 *
 * @returns null when a step did not hold
 * @throws AppError SOURCE_* of the artifact
 */
export async function checkBundle(
  engine: SigstoreEngine,
  bytes: Uint8Array,
  trust: SigstoreTrust,
  steps: Steps,
  { artifact, ctlogs = 1, now = '' }: BundleOptions = {},
): Promise<VerifiedBundle | null> {
  const bundle = readBundle(engine, bytes, steps);
  if (bundle === null) return null;
  const signed = await steps.run(
    'signature',
    () => {
      requireOneSpelling(bytes);
      return signatureOf(engine, bundle, trust, artifact);
    },
    ({ leaf, spki }) => (leaf === null ? originOf(spki, trust) : {}),
  );
  if (signed === null) return null;
  const { entity, leaf, spki } = signed;
  const result = await verifyRest(engine, bundle, entity, trust, leaf === null ? 0 : ctlogs, now, steps);
  if (result === null) return null;
  const identity = result.identity?.subjectAlternativeName ?? hintOf(bundle);
  const issuer = result.identity?.extensions?.issuer;
  const [entry] = bundle.verificationMaterial.tlogEntries;
  const signedAt = earliest(entity);
  return {
    identity,
    ...(issuer === undefined ? {} : { issuer }),
    key: await sha256Hex(spki),
    ...(signedAt === null ? {} : { signedAt }),
    ...(leaf === null ? {} : { certificate: leaf }),
    ...payloadOf(bundle),
    ...(entry === undefined ? {} : { logIndex: entry.logIndex }),
  };
}

function readBundle(engine: SigstoreEngine, bytes: Uint8Array, steps: Steps): Bundle | null {
  const bad = (step: StepId, code: ErrorCode, why: string): null => {
    steps.contradicts(step, code, { why });
    return null;
  };
  if (bytes.length > CLAIM_BUNDLE_MAX) return bad('bundle', 'ATTEST_BUNDLE', 'too large');
  let json: unknown;
  try {
    json = strictJson(bytes);
  } catch {
    return bad('bundle', 'ATTEST_BUNDLE', 'not plain JSON');
  }
  const mediaType = textField(json, 'mediaType');
  if (mediaType === undefined || !MEDIA_TYPES.has(mediaType)) {
    return bad('bundle', 'ATTEST_BUNDLE', 'unknown media type');
  }
  try {
    const bundle = engine.bundleFromJSON(json);
    steps.matches('bundle', { detail: { mediaType } });
    return bundle;
  } catch (error) {
    if (!(error instanceof engine.ValidationError)) return bad('bundle', 'ATTEST_BUNDLE', 'a field is malformed');
    const log = error.fields.find((field) => /tlogEntries|inclusion/.test(field));
    if (log === undefined) return bad('bundle', 'ATTEST_BUNDLE', error.fields.join(', '));
    steps.matches('bundle', { detail: { mediaType } });
    return bad('log', 'ATTEST_LOG', 'no usable proof that it is in the log');
  }
}

/**
 * Base64 whose last digit carries bits that mean nothing (RFC 4648 section 3.5) is another spelling of the same
 * signature: what was signed, logged and shown must be one text.
 */
function requireOneSpelling(bytes: Uint8Array): void {
  const json = strictJson(bytes);
  const spelled = [
    ...listField(field(json, 'dsseEnvelope'), 'signatures').map((one) => textField(one, 'sig')),
    textField(field(json, 'messageSignature'), 'signature'),
  ];
  for (const text of spelled) {
    if (text !== undefined && !isCanonicalBase64(text)) throw new AppError('ATTEST_SIGNATURE');
  }
}

function isCanonicalBase64(text: string): boolean {
  try {
    return toBase64(fromBase64(text)) === text;
  } catch {
    return false;
  }
}

interface Signed {
  readonly entity: SignedEntity;
  readonly leaf: Uint8Array | null;
  readonly spki: Uint8Array;
}

/** The signature under the key that the bundle names, whoever that is: the later steps ask whose key it is. */
async function signatureOf(
  engine: SigstoreEngine,
  bundle: Bundle,
  trust: SigstoreTrust,
  artifact: SignedArtifact | undefined,
): Promise<Signed> {
  try {
    const { entity: parsed, key, leaf } = keyed(engine, bundle, trust);
    const spki = engine.spkiOf(key);
    const entity = { ...parsed, signature: await signatureContent(engine, bundle, parsed, artifact, spki) };
    if (!entity.signature.verifySignature(key)) throw new AppError('ATTEST_SIGNATURE');
    return { entity, leaf, spki };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('ATTEST_MATERIAL', { why: 'its certificate, key or timestamp is malformed' }, error);
  }
}

function keyed(engine: SigstoreEngine, bundle: Bundle, { material }: SigstoreTrust) {
  const entity = engine.toSignedEntity(bundle, engine.asBuffer(new Uint8Array()));
  if (entity.key.$case === 'public-key') {
    return { entity, key: material.publicKey(entity.key.hint).publicKey, leaf: null };
  }
  const { certificate } = entity.key;
  const [key] = engine.publicKeys([certificate.publicKey]);
  return { entity, key: key!, leaf: rawLeaf(bundle) };
}

async function signatureContent(
  engine: SigstoreEngine,
  bundle: Bundle,
  entity: SignedEntity,
  artifact: SignedArtifact | undefined,
  spki: Uint8Array,
): Promise<SignedEntity['signature']> {
  const { content } = bundle;
  if (content.$case !== 'messageSignature') return entity.signature;
  if (artifact === undefined) throw new AppError('ATTEST_SUBJECT', { why: 'the signed file is not here' });
  const message = { ...bundle, content };
  if (await notedDigestDiffers(message, artifact)) throw new AppError('ATTEST_SUBJECT');
  return messageEntity(engine, message, artifact, spki);
}

/** Which of our steps an error of the packages belongs to. */
const STEP_OF: readonly (readonly [code: RegExp, step: StepId, ours: ErrorCode])[] = [
  [/^TIMESTAMP_/, 'time', 'ATTEST_TIME'],
  [/^(?:CERTIFICATE|PUBLIC_KEY)_/, 'certificate', 'ATTEST_CERTIFICATE'],
  [/^TLOG_/, 'log', 'ATTEST_LOG'],
  [/^SIGNATURE_/, 'signature', 'ATTEST_SIGNATURE'],
];

const REST: readonly StepId[] = ['time', 'certificate', 'sct', 'log'];

async function verifyRest(
  engine: SigstoreEngine,
  bundle: Bundle,
  entity: SignedEntity,
  trust: SigstoreTrust,
  ctlogs: number,
  now: string,
  steps: Steps,
): Promise<Signer | null> {
  const fail = (step: StepId, code: ErrorCode, why: string): null => {
    // The packages ask in this order: what comes before the failure held.
    for (const earlier of REST.slice(0, REST.indexOf(step))) held(earlier);
    const older = olderRoot(step, { engine, bundle, entity, trust, now });
    if (older !== null) {
      steps.unchecked(step, { code: 'ATTEST_NO_CURRENT_ROOT', detail: { ...older } }, { trust: trust.origin });
      return null;
    }
    const what = otherInstance(step, { engine, bundle, entity, trust, now });
    if (what === null) steps.contradicts(step, code, { why }, { trust: trust.origin });
    else steps.unchecked(step, { code: 'ATTEST_NO_INSTANCE', detail: { what } }, { trust: trust.origin });
    return null;
  };
  const held = (step: StepId): void => {
    if (step === 'sct' && ctlogs === 0) steps.add({ id: step, outcome: 'no-claim' });
    else steps.matches(step, { trust: trust.origin, ...factsOf(step, bundle, entity) });
  };
  try {
    // First whether the entry is for this bundle at all: the time of another one would mean nothing for its certificate.
    const wrong = otherVerifier(bundle, entity);
    if (wrong !== null) {
      steps.contradicts('log', 'ATTEST_LOG', { why: wrong });
      return null;
    }
    await answerAhead(entity, trust);
    const signer = new engine.Verifier(trust.material, { ctlogThreshold: ctlogs }).verify(entity);
    for (const step of REST) held(step);
    return signer;
  } catch (error) {
    if (error instanceof AppError) {
      steps.contradicts('log', error.code, error.detail);
      return null;
    }
    if (!(error instanceof engine.VerificationError)) return fail('time', 'ATTEST_TIME', 'a proof is malformed');
    const [, step, code] = STEP_OF.find(([pattern]) => pattern.test(error.code)) ?? STEP_OF[2]!;
    return fail(/\bSCTs?\b/.test(error.message) ? 'sct' : step, code, error.message);
  }
}

/** The entry must name the very certificate of the bundle: another one of the same key may be for somebody else. */
function otherVerifier(bundle: Bundle, entity: SignedEntity): string | null {
  const leaf = rawLeaf(bundle);
  if (leaf === null) return null;
  for (const entry of entity.tlogEntries) {
    const named = entryVerifiers(entry.canonicalizedBody);
    if (named.length > 0 && !named.some((der) => toHex(der) === toHex(leaf))) return 'it names another certificate';
  }
  return null;
}

function rawLeaf({ verificationMaterial: { content } }: Bundle): Uint8Array | null {
  if (content.$case === 'certificate') return content.certificate.rawBytes;
  if (content.$case === 'x509CertificateChain') return content.x509CertificateChain.certificates[0]?.rawBytes ?? null;
  return null;
}

/** Whose key it was that a person gave. */
function originOf(spki: Uint8Array, { keys }: SigstoreTrust): { readonly trust?: TrustOrigin } {
  const origin = keys.find((key) => toHex(key.spki) === toHex(spki))?.origin;
  return origin === undefined ? {} : { trust: origin };
}

function hintOf({ verificationMaterial: { content } }: Bundle): string {
  return content.$case === 'publicKey' ? content.publicKey.hint : '';
}

function payloadOf({ content }: Bundle): Pick<VerifiedBundle, 'payload'> {
  if (content.$case !== 'dsseEnvelope') return {};
  return { payload: { type: content.dsseEnvelope.payloadType, bytes: content.dsseEnvelope.payload } };
}

function factsOf(step: StepId, bundle: Bundle, entity: SignedEntity): { readonly detail?: Record<string, string> } {
  const signedAt = step === 'time' ? earliest(entity) : null;
  if (signedAt !== null) return { detail: { signedAt } };
  const [entry] = step === 'log' ? bundle.verificationMaterial.tlogEntries : [];
  return entry === undefined ? {} : { detail: { logIndex: entry.logIndex } };
}

/** Times that were verified: promises of a log and timestamps of authorities. Never the unsigned `integratedTime` alone. */
function earliest({ timestamps }: SignedEntity): string | null {
  const times = timestamps.flatMap((stamp): Date[] => {
    if (stamp.$case === 'timestamp-authority') return [stamp.timestamp.signingTime];
    return stamp.tlogEntry.inclusionPromise === undefined
      ? []
      : [new Date(Number(stamp.tlogEntry.integratedTime) * 1000)];
  });
  const first = Math.min(...times.map((time) => time.getTime()));
  return Number.isFinite(first) ? new Date(first).toISOString() : null;
}

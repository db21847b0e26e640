/** OpenSSF model signatures (github.com/ossf/model-signing-spec): v1.0 with key, certificate or Sigstore, and 0.2.0. */
import { sha256Hex } from '../../../crypto/digest.ts';
import { CURVE_HASH, parsePublicKey, verifySignature, type Hash, type PublicKey } from '../../../crypto/public-key.ts';
import { pemOrDer } from '../../../crypto/pem.ts';
import { AppError } from '../../../errors.ts';
import type { Algorithm } from '../../../hash/hasher.ts';
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import { concluded, type Attestation, type CoveredFile, type Signer, type Warning } from '../attestation.ts';
import { parseEnvelope, preAuthEncoding, type Envelope } from '../dsse.ts';
import { checkIdentity } from '../identity.ts';
import { field, listField, strictJson, textField } from '../json.ts';
import type { AttestationInput, AttestationKind } from '../kind.ts';
import { checkSigstore } from '../sigstore/check.ts';
import { Steps } from '../steps.ts';
import { compareFiles, oddOrder, refuseOverlongShards, rootDigest } from './files.ts';
import { candidateKeys, type OmsKey } from './keys.ts';
import { isLegacy, legacyEncoding, LEGACY_PREDICATE, parseLegacy } from './legacy.ts';
import { readMaterial, type OmsMaterial } from './material.ts';
import { OMS_PREDICATE, parseOmsStatement, type OmsStatement } from './statement.ts';

export const OMS: AttestationKind = {
  id: 'oms',
  title: 'OpenSSF model signatures',
  names: /\.(?:sig|oms\.json|sigstore|sigstore\.json|bundle)$/i,
  recognises: (path, bytes) => bytes.length <= CLAIM_BUNDLE_MAX && looksSigned(path, bytes),
  wants: hashesOf,
  examine: async (input) => [await examine(input)],
};

/** By what is signed; a `.sig` without a log entry is one too when that cannot be read, for nothing else looks so. */
function looksSigned(path: string, bytes: Uint8Array): boolean {
  try {
    const bundle = strictJson(bytes);
    if (field(bundle, 'dsseEnvelope') === undefined) return false;
    // What is signed decides, also where the outside is broken: that is then said of it.
    const predicate = predicateOf(parseEnvelope(field(bundle, 'dsseEnvelope')).payload);
    if (predicate === OMS_PREDICATE || predicate === LEGACY_PREDICATE) return true;
    const material = field(bundle, 'verificationMaterial');
    const keyed = field(material, 'publicKey') !== undefined || field(material, 'x509CertificateChain') !== undefined;
    const logged = listField(material, 'tlogEntries').length > 0;
    return /\.(?:sig|oms\.json)$/i.test(path) && keyed && !logged;
  } catch {
    return false;
  }
}

function predicateOf(payload: Uint8Array): string | undefined {
  try {
    return textField(strictJson(payload), 'predicateType');
  } catch {
    return undefined;
  }
}

/** The hash of its list, before anything of it is believed: computing one digest too many does no harm. */
function hashesOf(bytes: Uint8Array): readonly Algorithm[] {
  try {
    const { algorithm, method } = parseOmsStatement(readMaterial(bytes).envelope);
    return method === 'files' && algorithm !== 'sha256' ? [algorithm] : [];
  } catch {
    return [];
  }
}

/** What the checks of one method establish. */
interface Established {
  readonly signer: Signer | null;
  readonly warnings: readonly Warning[];
}

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const warnings: Warning[] = [];
  let signer: Signer | null = null;
  let files: readonly CoveredFile[] = [];
  const facts: Record<string, string | number | boolean> = {};
  const material = await steps.run(
    'bundle',
    () => readExpected(input),
    (m) => ({ detail: { method: m.method } }),
  );
  if (material !== null) {
    facts['method'] = material.method;
    const established = await METHODS[material.method](material as never, input, steps);
    signer = established.signer;
    warnings.push(...established.warnings);
    // A key nobody gave leaves the signer open; whether the list fits the files can be said all the same.
    const statement = await readStatement(material.envelope, input, steps);
    if (statement !== null) {
      facts['files'] = statement.resources.length;
      facts['hash'] = statement.algorithm;
      facts['serialization'] = statement.method;
      if (statement.root !== '') facts['root'] = `sha256:${statement.root}`;
      files = await checkFiles(statement, input, steps, warnings);
    }
  }
  const list = steps.list();
  const broken = list.some(({ id, outcome }) => id !== 'files' && outcome === 'contradicts');
  return {
    kind: 'oms',
    path: input.path,
    outcome: concluded(list),
    steps: list,
    ...(signer === null || broken ? {} : { signer }),
    files,
    warnings,
    facts,
  };
}

function readExpected({ bytes, expect }: AttestationInput): OmsMaterial {
  const material = readMaterial(bytes);
  if (expect.method !== undefined && expect.method !== material.method) {
    throw new AppError('ATTEST_MATERIAL', {
      why: `it is signed by ${material.method}, and ${expect.method} was expected`,
    });
  }
  return material;
}

const METHODS: {
  readonly [M in OmsMaterial['method']]: (
    material: OmsMaterial & { readonly method: M },
    input: AttestationInput,
    steps: Steps,
  ) => Promise<Established>;
} = { key: byKey, certificate: byCertificate, sigstore: bySigstore };

async function byKey(
  material: OmsMaterial & { method: 'key' },
  { expect }: AttestationInput,
  steps: Steps,
): Promise<Established> {
  const warnings: Warning[] = material.hint === undefined ? [{ code: 'key-without-hint' }] : [];
  const found = await steps.run(
    'material',
    () => candidateKeys(expect.keys, material.hint),
    ([first, ...others]) => (others.length === 0 ? { trust: first!.origin } : { detail: { keys: others.length + 1 } }),
  );
  if (found === null) return { signer: null, warnings };
  const held = await steps.run(
    'signature',
    () => holdsFor(found, material.envelope),
    ({ origin }) => ({ trust: origin }),
  );
  if (held === null) return { signer: null, warnings };
  if (held.legacy) warnings.push({ code: 'legacy-form' });
  return { signer: { method: 'key', name: held.origin.name, key: await sha256Hex(held.key.spki) }, warnings };
}

/** The first of the keys that made it: only the old form, which names none, is tried with several. @throws as `holds` */
async function holdsFor(keys: readonly OmsKey[], envelope: Envelope): Promise<OmsKey & { readonly legacy: boolean }> {
  for (const one of keys) {
    try {
      return { ...one, ...(await holds(one.key, envelope)) };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'ATTEST_SIGNATURE') throw error;
    }
  }
  throw new AppError('ATTEST_SIGNATURE');
}

async function byCertificate(
  material: OmsMaterial & { method: 'certificate' },
  { expect, now }: AttestationInput,
  steps: Steps,
): Promise<Established> {
  const warnings: Warning[] = [];
  const none: Established = { signer: null, warnings };
  const x509 = await import('../../../crypto/certificates.ts');
  const held = await steps.run('signature', async () => {
    const [leaf, ...intermediates] = x509.readCertificates(material.chain);
    return {
      leaf: leaf!,
      intermediates,
      ...(await holds(parsePublicKey(x509.certificateKey(leaf!)), material.envelope)),
    };
  });
  if (held === null) return none;
  if (held.legacy) warnings.push({ code: 'legacy-form' });
  const roots = expect.roots;
  const path = await steps.run(
    'certificate',
    async () => {
      if (roots.length === 0) throw new AppError('ATTEST_NO_ROOT');
      x509.requireSigningUse(held.leaf);
      const given = roots.flatMap(({ bytes }) => x509.readCertificates(pemOrDer(bytes, 'CERTIFICATE')));
      return x509.certificatePath(held.leaf, held.intermediates, given);
    },
    (found) => ({ detail: { length: found.length, root: found.at(-1)!.subject }, trust: roots[0]!.origin }),
  );
  if (path === null) return none;
  // This way of signing carries no trusted time: the reference looks at the day the certificate was issued.
  const timely = await steps.run(
    'time',
    () => {
      if (x509.outOfTime(path, held.leaf.notBefore) !== null) {
        throw new AppError('ATTEST_CERTIFICATE', { why: 'one above it was not valid when it was issued' });
      }
      return held.leaf.notBefore.toISOString();
    },
    (issued) => ({ detail: { issued } }),
  );
  if (timely === null) return none;
  const late = x509.outOfTime(path, new Date(now));
  if (late !== null) warnings.push({ code: 'expired-now', detail: { end: late.notAfter.toISOString() } });
  const { subject, issuer } = held.leaf;
  const key = await sha256Hex(x509.certificateKey(held.leaf));
  const root = await sha256Hex(x509.certificateKey(path.at(-1)!));
  return { signer: { method: 'certificate', name: subject, issuer, key, root }, warnings };
}

async function bySigstore(
  _: OmsMaterial & { method: 'sigstore' },
  input: AttestationInput,
  steps: Steps,
): Promise<Established> {
  const own = new Steps();
  const verified = await checkSigstore(input, own);
  // That it is a bundle was said.
  for (const step of own.list()) if (step.id !== 'bundle' || step.outcome !== 'matches') steps.add(step);
  if (verified === null) return { signer: null, warnings: [] };
  const { identity: name, issuer, key, signedAt } = verified;
  checkIdentity(steps, { identity: name, ...(issuer === undefined ? {} : { issuer }) }, input.expect.signers);
  const signer: Signer = {
    method: 'sigstore',
    name,
    ...(issuer === undefined ? {} : { issuer }),
    key,
    ...(signedAt === undefined ? {} : { signedAt }),
  };
  return { signer, warnings: [] };
}

/** @throws AppError ATTEST_SIGNATURE, ATTEST_KEY */
async function holds(key: PublicKey, envelope: Envelope): Promise<{ readonly legacy: boolean }> {
  if (key.type !== 'ec') throw new AppError('ATTEST_KEY', { why: 'model signatures are made with NIST curves' });
  const { bytes } = envelope.signatures[0]!;
  const hash: Hash = CURVE_HASH[key.curve];
  const encoded = preAuthEncoding(envelope.payloadType, envelope.payload);
  if (await verifySignature(key, encoded, bytes, { hash })) return { legacy: isLegacy(envelope) };
  const old = isLegacy(envelope) && (await verifySignature(key, legacyEncoding(envelope), bytes, { hash: 'SHA-256' }));
  if (!old) throw new AppError('ATTEST_SIGNATURE');
  return { legacy: true };
}

async function readStatement(envelope: Envelope, input: AttestationInput, steps: Steps): Promise<OmsStatement | null> {
  const model = modelOf(input);
  const parsed = await steps.run(
    'statement',
    async () => {
      const statement = isLegacy(envelope) ? parseLegacy(envelope) : parseOmsStatement(envelope);
      await refuseOverlongShards(statement, model);
      return statement;
    },
    ({ resources }) => ({ detail: { files: resources.length } }),
  );
  if (parsed !== null && parsed.root !== '') {
    await steps.run('root-digest', async () => {
      const actual = await rootDigest(parsed.resources);
      if (actual !== parsed.root) throw new AppError('ATTEST_ROOT_DIGEST', { expected: parsed.root, actual });
    });
  }
  return steps.failed === null ? parsed : null;
}

async function checkFiles(
  statement: OmsStatement,
  input: AttestationInput,
  steps: Steps,
  warnings: Warning[],
): Promise<readonly CoveredFile[]> {
  if (steps.failed !== null) return [];
  let files: readonly CoveredFile[];
  try {
    files = await compareFiles(statement, modelOf(input));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'ATTEST_NO_BYTES') throw error;
    steps.unchecked('files', error.toData());
    return statement.resources.map(({ path, digest }) => ({ path, state: 'not-checked', expected: digest }));
  }
  const count = (state: CoveredFile['state']): number => files.filter((file) => file.state === state).length;
  const [changed, missing, extra] = [count('changed'), count('missing'), count('extra')];
  const detail = { same: count('same'), changed, missing, extra, ignored: count('ignored') };
  if (changed + missing > 0 || (extra > 0 && !input.expect.allowExtra))
    steps.contradicts('files', 'ATTEST_FILES', detail);
  else steps.matches('files', { detail });
  if (extra > 0 && input.expect.allowExtra) warnings.push({ code: 'extra-files', detail: { extra } });
  if (statement.allowSymlinks) warnings.push({ code: 'symlinks-invisible' });
  if (oddOrder(statement.resources)) warnings.push({ code: 'order-of-resources' });
  return files;
}

function modelOf({ path, folder, expect }: AttestationInput) {
  const base = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  return { folder, base, ignore: [...expect.ignore, path.slice(base.length)] };
}

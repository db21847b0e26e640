/** C2PA manifests (spec.c2pa.org, 2.4 and before): inside safetensors and ONNX files, and in files of their own. */
import { sha256Hex } from '../../../crypto/digest.ts';
import { pemOrDer } from '../../../crypto/pem.ts';
import { AppError } from '../../../errors.ts';
import type { Span } from '../../../formats/protobuf.ts';
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import { concluded, type Attestation, type CoveredFile, type Signer, type Warning } from '../attestation.ts';
import type { AttestationInput, AttestationKind } from '../kind.ts';
import { Steps } from '../steps.ts';
import { checkAssertions } from './assertions.ts';
import { checkBinding } from './binding.ts';
import { readClaim, type Claim } from './claim.ts';
import { readCose, requireCose, type CoseSignature } from './cose.ts';
import { C2PA_URI_KEY, carriesC2pa, findEmbedded } from './embedded.ts';
import { looksLikeBoxes } from './jumbf.ts';
import { readStore, type C2paManifest, type ManifestStore } from './store.ts';

type X509 = typeof import('../../../crypto/certificates.ts');
type Facts = Record<string, string | number | boolean>;

export const C2PA: AttestationKind = {
  id: 'c2pa',
  title: 'C2PA manifests',
  names: /\.c2pa$/i,
  embeddedIn: carriesC2pa,
  recognises: (_, bytes) => bytes.length <= CLAIM_BUNDLE_MAX && looksLikeBoxes(bytes),
  examine: async (input) => [await examine(input)],
};

interface Found extends ManifestStore {
  /** Of the manifest's text in the model file; null: it is a file of its own. */
  readonly place: Span | null;
}

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Facts = {};
  const warnings: Warning[] = [];
  let signer: Signer | null = null;
  let files: readonly CoveredFile[] = [];
  const found = await steps.run(
    'bundle',
    () => findStore(input),
    ({ manifests }) => ({ detail: { manifests } }),
  );
  if (found !== null) {
    const { active, place } = found;
    facts['embedded'] = place !== null;
    facts['manifests'] = found.manifests;
    const claim = await steps.run('statement', () => readClaim(active), statementDetail);
    if (claim !== null) note(claim, facts);
    const held = claim === null ? null : await checkSignature(active, steps, facts, warnings);
    if (held !== null) signer = await checkSigner(held, input, steps);
    if (claim !== null) files = await checkContent(active, claim, place, input, steps);
  }
  const list = steps.list();
  const broken = list.some(({ outcome }) => outcome === 'contradicts');
  return {
    kind: 'c2pa',
    path: input.path,
    outcome: concluded(list),
    steps: list,
    ...(signer === null || broken ? {} : { signer }),
    files,
    warnings,
    facts,
  };
}

/** @throws AppError ATTEST_BUNDLE, ATTEST_NO_MANIFEST, ATTEST_NO_BYTES, SOURCE_* */
async function findStore({ path, bytes, folder, signal }: AttestationInput): Promise<Found> {
  if (looksLikeBoxes(bytes)) return { ...readStore(bytes), place: null };
  const embedded = await findEmbedded(path, folder, signal);
  if (embedded !== null) return { ...readStore(embedded.bytes), place: embedded.place };
  const uri = folder.header?.(path)?.metadata.find(({ key }) => key === C2PA_URI_KEY)?.value;
  throw new AppError('ATTEST_NO_MANIFEST', { why: typeof uri === 'string' ? uri.slice(0, 300) : 'there is none' });
}

function statementDetail({ generator, assertions }: Claim) {
  return { detail: { generator: generator.slice(0, 200), assertions: assertions.length } };
}

function note({ version, generator, instance, title, assertions }: Claim, facts: Facts): void {
  facts['claim'] = version;
  facts['generator'] = generator.slice(0, 200);
  facts['instance'] = instance.slice(0, 200);
  if (title !== undefined) facts['title'] = title.slice(0, 200);
  facts['assertions'] = assertions.length;
  const ingredients = assertions.filter(({ label }) => /^c2pa\.ingredient(?![a-z])/.test(label)).length;
  if (ingredients > 0) facts['ingredients'] = ingredients;
}

interface Held {
  readonly x509: X509;
  readonly cose: CoseSignature;
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
}

async function checkSignature(
  active: C2paManifest,
  steps: Steps,
  facts: Facts,
  warnings: Warning[],
): Promise<Held | null> {
  const x509 = await import('../../../crypto/certificates.ts');
  const held = await steps.run(
    'signature',
    async () => {
      const cose = await readCose(active.signature);
      const [leaf, ...intermediates] = x509.readCertificates(cose.chain);
      await requireCose(cose, x509.certificateKey(leaf!), active.claim);
      return { x509, cose, leaf: leaf!, intermediates };
    },
    ({ cose, leaf }) => ({ detail: { algorithm: cose.algorithm.name, certificate: leaf.subject.slice(0, 200) } }),
  );
  if (held === null) return null;
  facts['algorithm'] = held.cose.algorithm.name;
  facts['certificate'] = held.leaf.subject.slice(0, 200);
  if (held.cose.timeStamp) warnings.push({ code: 'time-unchecked' });
  return held;
}

/** Who it is: a certificate says so only when an authority that the person relies on vouches for it. */
async function checkSigner(
  { x509, cose, leaf, intermediates }: Held,
  { expect, now }: AttestationInput,
  steps: Steps,
): Promise<Signer | null> {
  const path = await steps.run(
    'certificate',
    () => certificatePath(x509, leaf, intermediates, expect.roots),
    (found) => ({ detail: { length: found.length, root: found.at(-1)!.subject }, trust: expect.roots[0]!.origin }),
  );
  if (path === null) return null;
  checkTime(x509, path, cose, new Date(now), steps);
  const { subject, issuer } = leaf;
  const key = await sha256Hex(x509.certificateKey(leaf));
  const root = await sha256Hex(x509.certificateKey(path.at(-1)!));
  return { method: 'certificate', name: subject, issuer, key, root };
}

type Certificate = Parameters<X509['certificateKey']>[0];

/** @throws AppError ATTEST_NO_AUTHORITY, ATTEST_CERTIFICATE */
async function certificatePath(
  x509: X509,
  leaf: Certificate,
  intermediates: readonly Certificate[],
  roots: AttestationInput['expect']['roots'],
): Promise<readonly Certificate[]> {
  if (roots.length === 0) throw new AppError('ATTEST_NO_AUTHORITY', { subject: leaf.subject.slice(0, 200) });
  x509.requireSigningUse(leaf);
  const given = roots.flatMap(({ bytes }) => x509.readCertificates(pemOrDer(bytes, 'CERTIFICATE')));
  return x509.certificatePath(leaf, intermediates, given);
}

/**
 * Nobody vouches for the time here, because no time stamp is checked: a certificate that is valid today is good enough,
 * and one that has expired may or may not have been valid when it was used.
 */
function checkTime(x509: X509, path: readonly Certificate[], cose: CoseSignature, now: Date, steps: Steps): void {
  const late = x509.outOfTime(path, now);
  if (late === null) return;
  if (now < late.notBefore) return steps.contradicts('time', 'ATTEST_CERTIFICATE', { why: 'it is not valid yet' });
  const detail = { end: late.notAfter.toISOString() };
  if (cose.timeStamp) steps.unchecked('time', { code: 'ATTEST_EXPIRED', detail });
  else steps.contradicts('time', 'ATTEST_EXPIRED', detail);
}

async function checkContent(
  active: C2paManifest,
  claim: Claim,
  place: Span | null,
  input: AttestationInput,
  steps: Steps,
): Promise<readonly CoveredFile[]> {
  await steps.run(
    'assertions',
    () => checkAssertions(active, claim),
    (count) => ({ detail: { same: count } }),
  );
  const covered: CoveredFile[] = [];
  await steps.run('binding', async () => {
    const file = await checkBinding(active, claim, place, input);
    covered.push(file);
    if (file.state === 'changed')
      throw new AppError('ATTEST_BINDING', { why: 'the file was changed', path: file.path });
  });
  return covered;
}

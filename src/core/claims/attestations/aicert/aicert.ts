/** AICert proofs: what a machine's TPM says about how a model was made, one question at a time. */
import { toHex } from '../../../bytes/hex.ts';
import { sha256 } from '../../../crypto/digest.ts';
import { CURVE_BYTES, parsePublicKey, verifySignature } from '../../../crypto/public-key.ts';
import { pemOrDer } from '../../../crypto/pem.ts';
import { AppError, toErrorData } from '../../../errors.ts';
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import {
  concluded,
  type Attestation,
  type CoveredFile,
  type Signer,
  type Step,
  type StepId,
  type TrustOrigin,
  type Warning,
} from '../attestation.ts';
import { joined } from '../dsse.ts';
import type { AttestationInput, AttestationKind, Expectations } from '../kind.ts';
import { Steps } from '../steps.ts';
import { readMeasurements, type Measurements } from './measurements.ts';
import { imagesOf, inputsOf, isProof, outputsOf, readProof, type Proof } from './proof.ts';
import { AZURE_ROOT, shippedRoots } from './shipped-root.ts';
import { readQuote, readQuoteSignature, readRegisters, RESETTABLE_REGISTER, type Quote } from './tpm.ts';

export const AICERT: AttestationKind = {
  id: 'aicert',
  title: 'AICert proofs (TPM)',
  names: /aicert.*\.json$|^proof\.json$|\.proof\.json$/i,
  recognises: (_, bytes) => bytes.length <= CLAIM_BUNDLE_MAX && isProof(bytes),
  examine: async (input) => [await examine(input)],
};

/** Key purpose of an attestation key certificate (TCG EK Credential Profile). */
const AK_PURPOSE = '2.23.133.8.3';
const REGISTER_BYTES = 32;
/** Where AICert measures inputs, and in newer releases outputs. */
const INPUTS = 14;
const OUTPUTS = 8;
/** Where it measures the certificate of the server that was asked. */
const SERVER = 15;

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const warnings: Warning[] = [];
  const facts: Record<string, string | number | boolean> = {};
  const proof = await steps.run('bundle', () => readProof(input.bytes));
  let files: readonly CoveredFile[] = [];
  let signer: Signer | null = null;
  if (proof !== null) {
    facts['events'] = proof.events.length;
    if (proof.simulated || proof.quote === undefined) {
      steps.contradicts('simulation', 'ATTEST_MATERIAL', { why: 'a simulated proof, which any machine can make' });
    } else {
      steps.matches('simulation');
      signer = await checkCertificates(proof, input, steps, warnings);
      Object.assign(facts, inputsOf(proof.events));
      const quote = await ask(steps, 'quote', () => checkQuote(proof));
      const registers = quote && (await ask(steps, 'registers', () => checkRegisters(proof, quote)));
      if (registers) await ask(steps, 'event-log', () => checkEvents(proof, registers, facts));
      if (quote) checkFreshness(steps, quote);
      await checkMachine(proof, quote, registers, input.expect, steps);
      files = await compareOutputs(proof, input, steps);
    }
  }
  const list = steps.list();
  return {
    kind: 'aicert',
    path: input.path,
    outcome: concluded(list),
    steps: list,
    ...(signer === null || steps.failed !== null ? {} : { signer }),
    files,
    warnings,
    facts,
  };
}

/** Each question has its own answer: one that fails does not silence the others, unlike in a signature. */
async function ask<T>(
  steps: Steps,
  id: StepId,
  work: () => Promise<T>,
  told?: (value: T) => Omit<Step, 'id' | 'outcome'>,
): Promise<T | null> {
  try {
    const value = await work();
    steps.matches(id, told?.(value) ?? {});
    return value;
  } catch (error) {
    if (!(error instanceof AppError) || error.code.startsWith('SOURCE_')) throw error;
    const { code, detail } = toErrorData(error);
    if (code.startsWith('ATTEST_NO_')) steps.unchecked(id, { code, detail });
    else steps.contradicts(id, code, detail);
    return null;
  }
}

async function checkCertificates(
  { certificates }: Proof,
  { expect, now }: AttestationInput,
  steps: Steps,
  warnings: Warning[],
): Promise<Signer | null> {
  const x509 = await import('../../../crypto/certificates.ts');
  let relied: TrustOrigin = expect.roots[0]?.origin ?? AZURE_ROOT;
  const work = async (): Promise<Signer> => {
    const chain = certificates.flatMap((one) => pemOrDer(one, 'CERTIFICATE'));
    const [leaf, ...others] = x509.readCertificates(chain);
    if (leaf === undefined) throw new AppError('ATTEST_CERTIFICATE', { why: 'there is none' });
    const given = expect.roots.flatMap(({ bytes }) => pemOrDer(bytes, 'CERTIFICATE'));
    const known = given.length > 0 ? given : await shippedRoots(chain.slice(1));
    if (known.length === 0) throw new AppError('ATTEST_NO_ROOT');
    if (!x509.hasPurpose(leaf, AK_PURPOSE))
      throw new AppError('ATTEST_CERTIFICATE', { why: 'not of an attestation key' });
    const roots = x509.readCertificates(known);
    const path = await x509.certificatePath(leaf, others, roots);
    const root = toHex(new Uint8Array(path.at(-1)!.rawData));
    relied =
      expect.roots.find(({ bytes }) => pemOrDer(bytes, 'CERTIFICATE').some((der) => toHex(der) === root))?.origin ??
      relied;
    if (x509.outOfTime(path, leaf.notBefore) !== null) {
      throw new AppError('ATTEST_CERTIFICATE', { why: 'one above it was not valid when it was issued' });
    }
    // No trusted time says when the quote was made: expired since is worth saying, and contradicts nothing.
    const late = x509.outOfTime(path, new Date(now));
    if (late !== null) warnings.push({ code: 'expired-now', detail: { end: late.notAfter.toISOString() } });
    return { method: 'tpm', name: leaf.subject || leaf.serialNumber, issuer: leaf.issuer };
  };
  return ask(steps, 'certificate', work, () => ({ trust: relied }));
}

async function checkQuote({ quote, certificates }: Proof): Promise<Quote> {
  const x509 = await import('../../../crypto/certificates.ts');
  const [leaf] = x509.readCertificates(certificates.slice(0, 1).flatMap((one) => pemOrDer(one, 'CERTIFICATE')));
  if (leaf === undefined) throw new AppError('ATTEST_CERTIFICATE', { why: 'there is none' });
  const key = parsePublicKey(x509.certificateKey(leaf));
  const signature = readQuoteSignature(quote!.signature);
  if (key.type === 'ed25519' || key.type !== signature.type) throw new AppError('ATTEST_SIGNATURE');
  const bytes =
    signature.type === 'rsa' ? signature.bytes : rawOf(signature, key.type === 'ec' ? CURVE_BYTES[key.curve] : 0);
  if (!(await verifySignature(key, quote!.message, bytes, { hash: 'SHA-256', raw: true })))
    throw new AppError('ATTEST_SIGNATURE');
  return readQuote(quote!.message);
}

function rawOf({ r, s }: { readonly r: Uint8Array; readonly s: Uint8Array }, size: number): Uint8Array {
  const raw = new Uint8Array(2 * size);
  if (r.length > size || s.length > size) throw new AppError('ATTEST_SIGNATURE');
  raw.set(r, size - r.length);
  raw.set(s, 2 * size - s.length);
  return raw;
}

/** The dump is signed by nobody: only its digest is. */
async function checkRegisters(
  { quote }: Proof,
  { registers, digest }: Quote,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const dumped = readRegisters(quote!.registers);
  const signed = registers.flatMap((register): [number, Uint8Array][] => {
    const value = dumped.get(register);
    // One of another size would let bytes move from a register to its neighbour under the same digest.
    return value?.length === REGISTER_BYTES ? [[register, value]] : [];
  });
  const actual = toHex(await sha256(joined(signed.map(([, value]) => value))));
  if (signed.length !== registers.length || actual !== toHex(digest)) throw new AppError('ATTEST_REGISTERS');
  // The dump may hold more than was signed; what was not is worth nothing.
  return new Map(signed);
}

/** Replays the events: each extends the register by the digest of its text. */
async function checkEvents(
  { events, outputEvents, serverCertificate }: Proof,
  registers: ReadonlyMap<number, Uint8Array>,
  facts: Record<string, string | number | boolean>,
): Promise<void> {
  const inputs = await replay(events);
  const found = [...registers].filter(([, value]) => toHex(value) === inputs).map(([register]) => register);
  if (found.length === 0)
    throw new AppError('ATTEST_EVENTS', { why: 'the events lead to none of the signed registers' });
  facts['register'] = found.join(', ');
  if (!found.includes(INPUTS)) {
    const why =
      found.includes(RESETTABLE_REGISTER) || found.includes(23)
        ? `measured into register ${found[0]}, which anybody can set back`
        : `measured into register ${found[0]} instead of ${INPUTS}`;
    throw new AppError('ATTEST_EVENTS', { why });
  }
  const holds = async (register: number, texts: readonly string[]): Promise<boolean> => {
    const value = registers.get(register);
    return value !== undefined && toHex(value) === (await replay(texts));
  };
  if (outputEvents.length > 0 && !(await holds(OUTPUTS, outputEvents)))
    throw new AppError('ATTEST_EVENTS', { why: 'the events of the outputs do not lead to their register' });
  if (serverCertificate !== '' && !(await holds(SERVER, [serverCertificate])))
    throw new AppError('ATTEST_EVENTS', { why: 'the server’s certificate was not measured by this machine' });
}

async function replay(events: readonly string[]): Promise<string> {
  let register: Uint8Array = new Uint8Array(32);
  for (const event of events)
    register = await sha256(joined([register, await sha256(new TextEncoder().encode(event))]));
  return toHex(register);
}

/** The machine and the images it ran, against what the person expects. Nobody publishes expected values. */
async function checkMachine(
  { events }: Proof,
  quote: Quote | null,
  values: ReadonlyMap<number, Uint8Array> | null,
  { measurements }: Expectations,
  steps: Steps,
): Promise<void> {
  let expected: Measurements;
  try {
    expected = readMeasurements(measurements);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // What the person supplied cannot speak against the proof.
    steps.unchecked('os-image', error.toData());
    return;
  }
  const { registers, containers } = expected;
  const trust = measurements[0]?.origin;
  const relied = trust === undefined ? {} : { trust };
  if (registers.size === 0) steps.unchecked('os-image', { code: 'ATTEST_NO_MEASUREMENTS', detail: {} });
  else if (quote === null || values === null)
    steps.unchecked('os-image', { code: 'ATTEST_NOT_REACHED', detail: { step: 'registers' } });
  else {
    const other = [...registers].find(
      ([register, hex]) =>
        !quote.registers.includes(register) || toHex(values.get(register) ?? new Uint8Array()) !== hex,
    );
    if (other === undefined) steps.matches('os-image', { detail: { same: registers.size }, ...relied });
    else steps.contradicts('os-image', 'ATTEST_POLICY', { why: `register ${other[0]} has another value` }, relied);
  }
  if (containers.size === 0) return;
  const images = imagesOf(events);
  const strange = images.find(({ name, id }) => containers.get(name) !== id);
  if (strange !== undefined)
    steps.contradicts('policy', 'ATTEST_POLICY', { why: `image ${strange.name.slice(0, 80)} is another one` }, relied);
  else steps.matches('policy', { detail: { images: images.length }, ...relied });
}

function checkFreshness(steps: Steps, { nonce }: Quote): void {
  // Even a number proves freshness only to whoever chose it.
  steps.unchecked('freshness', { code: 'ATTEST_NO_NONCE', detail: { nonce: nonce.length } });
}

async function compareOutputs(
  { events, outputEvents }: Proof,
  { path: own, folder }: AttestationInput,
  steps: Steps,
): Promise<readonly CoveredFile[]> {
  const rows: CoveredFile[] = [];
  for (const { path, sha256: expected } of outputsOf([...events, ...outputEvents])) {
    const base = path.split('/').at(-1);
    const here = folder.files.find((file) => file.path !== own && file.path.split('/').at(-1) === base);
    if (here === undefined) continue;
    const actual = await folder.digest(here.path, 'sha256');
    rows.push({
      path: here.path,
      state: actual === expected ? 'same' : 'changed',
      algorithm: 'sha256',
      expected,
      actual,
    });
  }
  const changed = rows.filter(({ state }) => state === 'changed').length;
  if (changed > 0) steps.contradicts('files', 'ATTEST_FILES', { changed });
  else if (rows.length > 0) steps.matches('files', { detail: { same: rows.length } });
  else steps.unchecked('files', { code: 'ATTEST_NO_FILE', detail: {} });
  return rows;
}

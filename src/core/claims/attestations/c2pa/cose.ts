/** COSE_Sign1 (RFC 9052 section 4.2) with the claim as its detached payload, as C2PA signs (2.4 section 13.2). */
import type { Hash } from '../../../crypto/public-key.ts';
import { CURVE_BYTES, parsePublicKey, verifySignature } from '../../../crypto/public-key.ts';
import { AppError } from '../../../errors.ts';
import { strictCbor, strictCborMap, type CborMap } from './cbor.ts';

export interface CoseSignature {
  readonly algorithm: CoseAlgorithm;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly signature: Uint8Array;
  /** What is signed when `payload` is. */
  toBeSigned(payload: Uint8Array): Promise<Uint8Array>;
  /** It carries a time stamp by somebody else. */
  readonly timeStamp: boolean;
}

export interface CoseAlgorithm {
  readonly name: string;
  readonly type: 'ec' | 'rsa-pss' | 'ed25519';
  readonly hash: Hash;
}

/** IANA, COSE Algorithms; the ones C2PA allows. */
const ALGORITHMS: ReadonlyMap<unknown, CoseAlgorithm> = new Map([
  [-7, { name: 'ES256', type: 'ec', hash: 'SHA-256' }],
  [-35, { name: 'ES384', type: 'ec', hash: 'SHA-384' }],
  [-36, { name: 'ES512', type: 'ec', hash: 'SHA-512' }],
  [-37, { name: 'PS256', type: 'rsa-pss', hash: 'SHA-256' }],
  [-38, { name: 'PS384', type: 'rsa-pss', hash: 'SHA-384' }],
  [-39, { name: 'PS512', type: 'rsa-pss', hash: 'SHA-512' }],
  [-8, { name: 'Ed25519', type: 'ed25519', hash: 'SHA-512' }],
]);

/** COSE_Sign1_Tagged. */
const TAG_18 = 0xd2;
const ALG = 1;
const CRIT = 2;
/** RFC 9360, and its name before it had a number. */
const CHAIN = [33, 'x5chain'];
const TIME_STAMPS = ['sigTst', 'sigTst2'];

/** @throws AppError ATTEST_CBOR, ATTEST_MATERIAL {why} */
export async function readCose(bytes: Uint8Array): Promise<CoseSignature> {
  if (bytes[0] !== TAG_18) throw unfit('it is no COSE signature');
  const parts = await strictCbor(bytes);
  if (!Array.isArray(parts) || parts.length !== 4) throw unfit('it is no COSE signature');
  const [head, unprotected, payload, signature] = parts as readonly unknown[];
  if (!(head instanceof Uint8Array) || !(unprotected instanceof Map) || !(signature instanceof Uint8Array))
    throw unfit('it is no COSE signature');
  if (payload !== null) throw unfit('it carries a text of its own');
  const protectedMap = await strictCborMap(head);
  if (protectedMap.has(CRIT) || unprotected.has(CRIT)) throw unfit('it asks for an extension');
  // An algorithm outside the protected header is anybody's word.
  const algorithm = ALGORITHMS.get(protectedMap.get(ALG));
  if (algorithm === undefined || unprotected.has(ALG)) throw unfit('its algorithm is none of C2PA’s');
  return {
    algorithm,
    chain: chainOf(protectedMap, unprotected as CborMap),
    signature,
    toBeSigned: async (text) => (await import('cborg')).encode(['Signature1', head, new Uint8Array(0), text]),
    timeStamp: TIME_STAMPS.some((key) => unprotected.has(key) || protectedMap.has(key)),
  };
}

function chainOf(...headers: readonly CborMap[]): readonly Uint8Array[] {
  const found = headers.flatMap((header) => CHAIN.filter((key) => header.has(key)).map((key) => header.get(key)));
  if (found.length !== 1) throw unfit(found.length === 0 ? 'it carries no certificate' : 'it carries two chains');
  const chain: readonly unknown[] = Array.isArray(found[0]) ? (found[0] as readonly unknown[]) : found;
  if (chain.length === 0 || !chain.every((one) => one instanceof Uint8Array))
    throw unfit('its certificates are malformed');
  return chain as readonly Uint8Array[];
}

/**
 * @param spki of the leaf, DER
 * @throws AppError ATTEST_SIGNATURE, ATTEST_KEY, ATTEST_DER, ATTEST_MATERIAL when key and algorithm do not go together
 */
export async function requireCose(cose: CoseSignature, spki: Uint8Array, payload: Uint8Array): Promise<void> {
  const { algorithm, signature } = cose;
  const text = await cose.toBeSigned(payload);
  if (algorithm.type === 'rsa-pss') {
    const { verifyPss } = await import('../../../crypto/rsa-pss.ts');
    if (!(await verifyPss(spki, algorithm.hash, text, signature))) throw new AppError('ATTEST_SIGNATURE');
    return;
  }
  const key = parsePublicKey(spki);
  if (key.type !== algorithm.type) throw unfit(`${algorithm.name} does not go with its certificate`);
  // r and s as they are (RFC 9053 section 2.1), never DER.
  const size = key.type === 'ec' ? 2 * CURVE_BYTES[key.curve] : 64;
  const held =
    signature.length === size && (await verifySignature(key, text, signature, { hash: algorithm.hash, raw: true }));
  if (!held) throw new AppError('ATTEST_SIGNATURE');
}

function unfit(why: string): AppError {
  return new AppError('ATTEST_MATERIAL', { why });
}

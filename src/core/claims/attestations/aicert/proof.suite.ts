/** Makes AICert proofs as a machine would: an attestation key, its certificates, a quote over registers, the dump of them. */
import 'reflect-metadata';
import { X509CertificateGenerator, BasicConstraintsExtension, ExtendedKeyUsageExtension } from '@peculiar/x509';
import { createHash, webcrypto } from 'node:crypto';

export interface MadeProof {
  readonly proof: Record<string, unknown>;
  /** DER of the authority at the top. */
  readonly root: Uint8Array;
}

export interface ProofParts {
  readonly events: readonly string[];
  readonly outputEvents?: readonly string[];
  readonly serverCertificate?: string;
  /** Register → value that was quoted, besides those the events lead to. */
  readonly registers?: Readonly<Record<number, Uint8Array>>;
  /** Registers in the dump that the quote is not over. */
  readonly unsigned?: Readonly<Record<number, Uint8Array>>;
  readonly inputs?: number;
  readonly nonce?: Uint8Array;
}

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export function replayed(events: readonly string[]): Uint8Array {
  return events.reduce<Uint8Array>((register, event) => sha256(register, sha256(text(event))), new Uint8Array(32));
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export async function makeProof(parts: ProofParts): Promise<MadeProof> {
  const { events, outputEvents = [], serverCertificate = '', registers = {}, unsigned = {}, inputs = 14 } = parts;
  const authority = await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const attestation = await webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
  const dates = { notBefore: new Date('2024-01-01'), notAfter: new Date('2030-01-01') };
  const root = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Test vTPM root',
    keys: authority as CryptoKeyPair,
    signingAlgorithm: EC,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
    ...dates,
  });
  const leaf = await X509CertificateGenerator.create({
    subject: 'CN=test-machine',
    issuer: root.subject,
    publicKey: attestation.publicKey as CryptoKey,
    signingKey: authority.privateKey as CryptoKey,
    signingAlgorithm: EC,
    extensions: [new ExtendedKeyUsageExtension(['2.23.133.8.3'])],
    ...dates,
  });
  const quoted: Record<number, Uint8Array> = { [inputs]: replayed(events), ...registers };
  if (outputEvents.length > 0) quoted[8] ??= replayed(outputEvents);
  if (serverCertificate !== '') quoted[15] ??= replayed([serverCertificate]);
  const message = quote(quoted, parts.nonce ?? new Uint8Array(0));
  const signature = new Uint8Array(await webcrypto.subtle.sign(RSA.name, attestation.privateKey, message.slice()));
  const base64 = (bytes: Uint8Array): { base64: string } => ({ base64: Buffer.from(bytes).toString('base64') });
  const der = new Uint8Array(root.rawData);
  return {
    root: der,
    proof: {
      ca_cert: serverCertificate,
      event_log: events,
      ...(outputEvents.length === 0 ? {} : { output_event_log: outputEvents }),
      remote_attestation: {
        quote: {
          message: base64(message),
          signature: base64(bytes([0x00, 0x14, 0x00, 0x0b, ...u16(signature.length)], signature)),
          pcr: base64(dump({ ...quoted, ...unsigned })),
        },
        cert_chain: [base64(new Uint8Array(leaf.rawData)), base64(der)],
      },
    },
  };
}

function bytes(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function u16(value: number): number[] {
  return [value >> 8, value & 255];
}

function bitmapOf(registers: readonly number[], size: number): number[] {
  return Array.from({ length: size }, (_, i) =>
    registers.filter((register) => register >> 3 === i).reduce((byte, register) => byte | (1 << (register & 7)), 0),
  );
}

function ascending(values: Readonly<Record<number, Uint8Array>>): number[] {
  return Object.keys(values)
    .map(Number)
    .sort((a, b) => a - b);
}

/** TPMS_ATTEST over SHA-256 registers. */
function quote(values: Readonly<Record<number, Uint8Array>>, nonce: Uint8Array): Uint8Array {
  const registers = ascending(values);
  const digest = sha256(...registers.map((register) => values[register]!));
  return bytes(
    [0xff, 0x54, 0x43, 0x47, 0x80, 0x18, ...u16(0), ...u16(nonce.length)],
    nonce,
    new Uint8Array(8 + 4 + 4 + 1 + 8),
    [0, 0, 0, 1, 0x00, 0x0b, 3, ...bitmapOf(registers, 3), ...u16(digest.length)],
    digest,
  );
}

/** The serialized dump of tpm2-tools: little-endian structures of fixed size. */
function dump(values: Readonly<Record<number, Uint8Array>>): Uint8Array {
  const registers = ascending(values);
  const lists = Math.ceil(registers.length / 8);
  const out = new Uint8Array(132 + 4 + lists * 532);
  const view = new DataView(out.buffer);
  view.setUint32(0, 1, true);
  view.setUint16(4, 0x000b, true);
  view.setUint8(6, 3);
  out.set(bitmapOf(registers, 3), 7);
  view.setUint32(132, lists, true);
  registers.forEach((register, i) => {
    const list = 136 + Math.floor(i / 8) * 532;
    view.setUint32(list, Math.min(8, registers.length - Math.floor(i / 8) * 8), true);
    const at = list + 4 + (i % 8) * 66;
    const value = values[register]!;
    view.setUint16(at, value.length, true);
    out.set(value.subarray(0, 64), at + 2);
  });
  return out;
}

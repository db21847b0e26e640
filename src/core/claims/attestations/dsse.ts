/** Dead Simple Signing Envelopes (github.com/secure-systems-lab/dsse, v1). */
import { fromBase64 } from '../../bytes/base64.ts';
import { AppError } from '../../errors.ts';
import { isObject, listField, textField } from './json.ts';

export const IN_TOTO_TYPE = 'application/vnd.in-toto+json';

export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  readonly bytes: Uint8Array;
  readonly keyid?: string;
  /** PEM, in envelopes of old generators. */
  readonly certificate?: string;
}

/** @throws AppError ATTEST_BUNDLE {why} */
export function parseEnvelope(value: unknown): Envelope {
  if (!isObject(value)) throw new AppError('ATTEST_BUNDLE', { why: 'no envelope' });
  const payload = textField(value, 'payload');
  const payloadType = textField(value, 'payloadType');
  const signatures = listField(value, 'signatures');
  if (payload === undefined || payloadType === undefined || signatures.length === 0) {
    throw new AppError('ATTEST_BUNDLE', { why: 'an incomplete envelope' });
  }
  return { payloadType, payload: decoded(payload), signatures: signatures.map(signature) };
}

function signature(value: unknown): EnvelopeSignature {
  const sig = textField(value, 'sig');
  if (sig === undefined || sig === '') throw new AppError('ATTEST_BUNDLE', { why: 'an envelope without a signature' });
  const keyid = textField(value, 'keyid');
  const certificate = textField(value, 'cert');
  return {
    bytes: decoded(sig),
    ...(keyid === undefined ? {} : { keyid }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

/** The protocol allows the standard and the URL-safe alphabet. */
function decoded(text: string): Uint8Array {
  try {
    return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch (error) {
    throw new AppError('ATTEST_BUNDLE', { why: 'base64 that does not decode' }, error);
  }
}

/** What is really signed: pre-authentication encoding, protocol.md. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const type = encoder.encode(payloadType);
  return joined([encoder.encode(`DSSEv1 ${type.length} `), type, encoder.encode(` ${payload.length} `), payload]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

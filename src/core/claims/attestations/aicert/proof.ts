/** The JSON of an AICert proof (mithril-security/aicert, 2024): a TPM quote, its certificates, and the events it measured. */
import { fromBase64 } from '../../../bytes/base64.ts';
import { AppError } from '../../../errors.ts';
import { AICERT_EVENTS_MAX } from '../../../limits.ts';
import { field, isObject, listField, strictJson, textField } from '../json.ts';

export interface Proof {
  readonly simulated: boolean;
  /** Texts as they were measured: hashed as they stand, never written again. */
  readonly events: readonly string[];
  readonly outputEvents: readonly string[];
  readonly quote?: { readonly message: Uint8Array; readonly signature: Uint8Array; readonly registers: Uint8Array };
  /** Attestation key first; DER or PEM. */
  readonly certificates: readonly Uint8Array[];
}

export function isProof(bytes: Uint8Array): boolean {
  try {
    const value = strictJson(bytes);
    return isObject(field(value, 'remote_attestation')) && Array.isArray(field(value, 'event_log'));
  } catch {
    return false;
  }
}

/** @throws AppError ATTEST_BUNDLE, ATTEST_JSON */
export function readProof(bytes: Uint8Array): Proof {
  const value = strictJson(bytes);
  const remote = field(value, 'remote_attestation');
  const quote = field(remote, 'quote');
  const simulated = field(remote, 'simulation_mode') === true;
  const events = texts(value, 'event_log');
  const outputEvents = texts(value, 'output_event_log');
  if (simulated || quote === undefined) return { simulated, events, outputEvents, certificates: [] };
  return {
    simulated,
    events,
    outputEvents,
    quote: {
      message: encoded(quote, 'message'),
      signature: encoded(quote, 'signature'),
      registers: encoded(quote, 'pcr'),
    },
    certificates: listField(remote, 'cert_chain').map((one) => decode(textField(one, 'base64'))),
  };
}

function texts(value: unknown, key: string): readonly string[] {
  const listed = listField(value, key);
  if (listed.length > AICERT_EVENTS_MAX || !listed.every((one) => typeof one === 'string')) {
    throw new AppError('ATTEST_BUNDLE', { why: 'events that are no texts' });
  }
  return listed;
}

function encoded(value: unknown, key: string): Uint8Array {
  return decode(textField(field(value, key), 'base64'));
}

function decode(text: string | undefined): Uint8Array {
  try {
    return fromBase64(text ?? '*');
  } catch (error) {
    throw new AppError('ATTEST_BUNDLE', { why: 'base64 that does not decode' }, error);
  }
}

/** Files that the events say were written: path and SHA-256, lower-case hex. */
export function outputsOf(events: readonly string[]): readonly { readonly path: string; readonly sha256: string }[] {
  return events.flatMap((text) => {
    let event: unknown;
    try {
      event = strictJson(new TextEncoder().encode(text));
    } catch {
      return [];
    }
    if (textField(event, 'event_type') !== 'outputs') return [];
    return listField(event, 'content').flatMap((one) => {
      const path = textField(field(one, 'spec'), 'path');
      const sha256 = textField(field(one, 'resolved'), 'hash')
        ?.replace(/^sha256:/, '')
        .toLowerCase();
      return path !== undefined && sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? [{ path, sha256 }] : [];
    });
  });
}

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
  /** PEM of the server that was asked, or empty. */
  readonly serverCertificate: string;
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
  const serverCertificate = textField(value, 'ca_cert') ?? '';
  const stated = { simulated, events, outputEvents, serverCertificate };
  if (simulated || quote === undefined) return { ...stated, certificates: [] };
  return {
    ...stated,
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

function parsedEvents(events: readonly string[]): readonly unknown[] {
  return events.flatMap((text) => {
    try {
      return [strictJson(new TextEncoder().encode(text))];
    } catch {
      return [];
    }
  });
}

/** Container images that the events say ran: name as asked for, and the id it led to. */
export function imagesOf(events: readonly string[]): readonly { readonly name: string; readonly id: string }[] {
  return parsedEvents(events)
    .filter((event) => textField(event, 'event_type') === 'input_image')
    .map((event) => field(event, 'content'))
    .map((content) => ({
      name: textField(field(content, 'spec'), 'image_name') ?? '',
      id: textField(field(content, 'resolved'), 'id') ?? '',
    }));
}

/** What the events say went in, in short: `models`, `datasets` and other kinds of resources, by address. */
export function inputsOf(events: readonly string[]): Readonly<Record<string, string>> {
  const facts: Record<string, string> = {};
  for (const event of parsedEvents(events)) {
    if (textField(event, 'event_type') !== 'input_resource') continue;
    const resource = field(field(field(event, 'content'), 'spec'), 'resource_proto');
    const kind = textField(resource, 'resource_type') ?? '';
    const address = textField(resource, 'repo') ?? textField(resource, 'path');
    if (address === undefined || !['model', 'dataset', 'git', 'file'].includes(kind)) continue;
    const hash = textField(resource, 'hash');
    const one = hash === undefined ? address : `${address} at ${hash}`;
    facts[kind] = facts[kind] === undefined ? one : `${facts[kind]}, ${one}`;
  }
  return facts;
}

/** Files that the events say were written: path and SHA-256, lower-case hex. */
export function outputsOf(events: readonly string[]): readonly { readonly path: string; readonly sha256: string }[] {
  return parsedEvents(events).flatMap((event) => {
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

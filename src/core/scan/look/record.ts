/** The file of a signature or record as text, and what the envelopes in it carry. For eyes: nothing is believed or run. */
import { fromBase64 } from '../../bytes/base64.ts';
import { toHex } from '../../bytes/hex.ts';
import type { ByteSource } from '../../bytes/source.ts';
import { field, listField, strictJson, textField } from '../../claims/attestations/json.ts';
import { AppError } from '../../errors.ts';
import { wasmHashes } from '../../hash/wasm.ts';
import { CLAIM_BUNDLE_MAX, DOCUMENT_SHOWN_MAX, EXCERPT_MAX, PAYLOADS_SHOWN_MAX } from '../../limits.ts';
import { indentJson } from './indent-json.ts';
import type { RecordPart, RecordText } from './model.ts';

/** @throws AppError SOURCE_TOO_LARGE, SOURCE_* */
export async function readRecord(source: ByteSource, signal: AbortSignal): Promise<RecordText> {
  const { name, size } = source;
  if (size > CLAIM_BUNDLE_MAX) throw new AppError('SOURCE_TOO_LARGE', { path: name, size, most: CLAIM_BUNDLE_MAX });
  const bytes = await source.read(0, size, signal);
  const documents = jsonIn(bytes);
  const payloads = documents.flatMap(envelopesIn).slice(0, PAYLOADS_SHOWN_MAX);
  return {
    size,
    sha256: await sha256Of(bytes),
    file: partOf(bytes),
    payloads: payloads.map(({ type, bytes: payload }) => ({ ...partOf(payload), type: type.slice(0, 200) })),
  };
}

async function sha256Of(bytes: Uint8Array): Promise<string> {
  const hasher = await wasmHashes().create('sha256', bytes.length);
  hasher.update(bytes);
  return hasher.digest();
}

/** As text where it is text, indented where it is JSON or lines of JSON; the beginning as hex otherwise. */
function partOf(bytes: Uint8Array): RecordPart {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return {
      form: 'bytes',
      text: toHex(bytes.subarray(0, EXCERPT_MAX)),
      size: bytes.length,
      cut: bytes.length > EXCERPT_MAX,
    };
  }
  const json = jsonIn(bytes).length > 0;
  const shown = json ? linesOf(text) : text.slice(0, DOCUMENT_SHOWN_MAX);
  const cut = json ? shown.length >= DOCUMENT_SHOWN_MAX : shown.length < text.length;
  return { form: json ? 'json' : 'text', text: shown, size: bytes.length, cut };
}

function linesOf(text: string): string {
  if (isJson(text)) return indentJson(text, DOCUMENT_SHOWN_MAX);
  let out = '';
  for (const line of text.split('\n')) {
    if (out.length >= DOCUMENT_SHOWN_MAX) break;
    if (line.trim() !== '') out += `${indentJson(line, DOCUMENT_SHOWN_MAX - out.length)}\n`;
  }
  return out;
}

function isJson(text: string): boolean {
  return parsed(new TextEncoder().encode(text)).length > 0;
}

/** One document, or one a line; none when it is not JSON throughout. */
function jsonIn(bytes: Uint8Array): readonly unknown[] {
  const whole = parsed(bytes);
  if (whole.length > 0) return whole;
  const lines = new TextDecoder()
    .decode(bytes)
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (lines.length < 2 || !lines[0]!.trimStart().startsWith('{')) return [];
  const each = lines.slice(0, PAYLOADS_SHOWN_MAX).map((line) => parsed(new TextEncoder().encode(line)));
  return each.every((one) => one.length > 0) ? each.flat() : [];
}

/** Objects and lists only: a lone number or word is text. */
function parsed(bytes: Uint8Array): readonly unknown[] {
  try {
    const value = strictJson(bytes);
    return typeof value === 'object' && value !== null ? [value] : [];
  } catch {
    return [];
  }
}

interface Payload {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A bare envelope, a bundle with one, or the pairs that the npm registry publishes. */
function envelopesIn(value: unknown): readonly Payload[] {
  const bundled = listField(value, 'attestations').map((pair) => field(field(pair, 'bundle'), 'dsseEnvelope'));
  return [value, field(value, 'dsseEnvelope'), ...bundled].flatMap((envelope): readonly Payload[] => {
    const payload = textField(envelope, 'payload');
    if (payload === undefined) return [];
    try {
      const bytes = fromBase64(payload.replaceAll('-', '+').replaceAll('_', '/'));
      return [{ type: textField(envelope, 'payloadType') ?? '', bytes }];
    } catch {
      // That it does not decode is a step of the examination; here there is just nothing to show.
      return [];
    }
  });
}

/**
 * Signatures of model-signing 0.2.0. The file list stands in `subject`, there is no root digest, and with certificates the
 * signature is over a faulty form of the pre-authentication encoding: prefix `DSSEV1`, the payload written as a Python
 * bytes literal, SHA-256 whatever the curve (sigstore/model-transparency, release 0.2.0).
 */
import { AppError } from '../../../errors.ts';
import { OMS_RESOURCES_MAX } from '../../../limits.ts';
import { IN_TOTO_TYPE, type Envelope } from '../dsse.ts';
import { field, listField, strictJson, textField } from '../json.ts';
import type { OmsStatement, Resource } from './statement.ts';

export const LEGACY_PREDICATE = 'https://model_signing/Digests/v0.1';

/** True for a payload that says so. Nothing else of it is believed before the signature holds. */
export function isLegacy(envelope: Envelope): boolean {
  try {
    return textField(strictJson(envelope.payload), 'predicateType') === LEGACY_PREDICATE;
  } catch {
    return false;
  }
}

export function legacyEncoding({ payloadType, payload }: Envelope): Uint8Array {
  const literal = pythonBytes(payload);
  return new TextEncoder().encode(`DSSEV1 ${payloadType.length} ${payloadType} ${payload.length} ${literal}`);
}

/** `repr(bytes)` of Python 3. */
export function pythonBytes(bytes: Uint8Array): string {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (character === '\\' || character === quote) text += `\\${character}`;
    else if (byte === 0x09) text += '\\t';
    else if (byte === 0x0a) text += '\\n';
    else if (byte === 0x0d) text += '\\r';
    else if (byte < 0x20 || byte >= 0x7f) text += `\\x${byte.toString(16).padStart(2, '0')}`;
    else text += character;
  }
  return `b${quote}${text}${quote}`;
}

/** @throws AppError ATTEST_PAYLOAD_TYPE, ATTEST_JSON, ATTEST_RESOURCES, ATTEST_RESOURCE_NAME, ATTEST_RESOURCE_DIGEST */
export function parseLegacy(envelope: Envelope): OmsStatement {
  if (envelope.payloadType !== IN_TOTO_TYPE)
    throw new AppError('ATTEST_PAYLOAD_TYPE', { actual: envelope.payloadType });
  const statement = strictJson(envelope.payload);
  const subjects = listField(statement, 'subject');
  if (subjects.length === 0 || subjects.length > OMS_RESOURCES_MAX) {
    throw new AppError('ATTEST_RESOURCES', { why: `${subjects.length} files` });
  }
  const seen = new Set<string>();
  const resources = subjects.map((subject): Resource => {
    const path = textField(subject, 'name');
    const digest = textField(field(subject, 'digest'), 'sha256');
    const odd = path?.split('/').some((part) => part === '' || part === '.' || part === '..') ?? true;
    if (path === undefined || odd || /[\\\0]/.test(path) || seen.has(path)) {
      throw new AppError('ATTEST_RESOURCE_NAME', { path: path ?? '' });
    }
    const algorithm = textField(field(subject, 'annotations'), 'actual_hash_algorithm') ?? 'file-sha256';
    if (algorithm !== 'file-sha256' || digest === undefined || !/^[0-9a-f]{64}$/.test(digest)) {
      throw new AppError('ATTEST_RESOURCE_DIGEST', { path });
    }
    seen.add(path);
    return { path, digest };
  });
  return { name: '', root: '', algorithm: 'sha256', method: 'files', allowSymlinks: false, ignore: [], resources };
}

/** Whose certificate or key a log entry was made for. The packages compare signature and payload, not this. */
import { fromBase64 } from '../../../bytes/base64.ts';
import { pemBlocks } from '../../../crypto/pem.ts';
import { AppError } from '../../../errors.ts';

/**
 * The verification material named in an entry's body (Rekor v1 and v2), DER. None when the body names none, as Rekor v2
 * DSSE entries may leave it to their list of verifiers.
 *
 * @throws AppError ATTEST_LOG
 */
export function entryVerifiers(body: Uint8Array): readonly Uint8Array[] {
  try {
    const entry: unknown = JSON.parse(new TextDecoder().decode(body));
    const spec = get(entry, 'spec');
    const v1 = [
      get(get(get(spec, 'signature'), 'publicKey'), 'content'),
      ...list(get(spec, 'signatures')).map((one) => get(one, 'verifier')),
      ...list(get(get(get(spec, 'content'), 'envelope'), 'signatures')).map((one) => get(one, 'publicKey')),
    ];
    const v2 = [get(spec, 'hashedRekordV002'), get(spec, 'dsseV002')].flatMap((one) => [
      get(get(one, 'signature'), 'verifier'),
      ...list(get(one, 'signatures')).map((signed) => get(signed, 'verifier')),
    ]);
    return [
      ...v1.filter(isText).flatMap((text) => derOf(fromBase64(text))),
      ...v2
        .flatMap((one) => [get(get(one, 'x509Certificate'), 'rawBytes'), get(get(one, 'publicKey'), 'rawBytes')])
        .filter(isText)
        .map(fromBase64),
    ];
  } catch (error) {
    throw new AppError('ATTEST_LOG', { why: 'its body cannot be read' }, error);
  }
}

/** PEM inside, or (intoto 0.0.2) PEM encoded once more. */
function derOf(bytes: Uint8Array): readonly Uint8Array[] {
  const text = new TextDecoder('latin1').decode(bytes);
  const blocks = pemBlocks(text);
  if (blocks.length > 0) return blocks.map(({ der }) => der);
  try {
    return pemBlocks(new TextDecoder('latin1').decode(fromBase64(text))).map(({ der }) => der);
  } catch {
    return [];
  }
}

function get(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

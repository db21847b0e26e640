/** The outside of an OpenSSF model signature: which way it is to be checked, and with what it carries. */
import { fromBase64 } from '../../../bytes/base64.ts';
import { AppError } from '../../../errors.ts';
import { parseEnvelope, type Envelope } from '../dsse.ts';
import { requireBundleForm } from './bundle-form.ts';
import { field, listField, strictJson, textField } from '../json.ts';

export type OmsMaterial =
  /** `hint`: lower-case hex SHA-256 of the key's PEM text; absent in bundles before 1.1.0, which carry the key itself. */
  | { readonly method: 'key'; readonly hint?: string; readonly envelope: Envelope }
  | { readonly method: 'certificate'; readonly chain: readonly Uint8Array[]; readonly envelope: Envelope }
  | { readonly method: 'sigstore'; readonly envelope: Envelope };

/** The one media type the reference accepts for keys and certificates. */
const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** @throws AppError ATTEST_MATERIAL, ATTEST_BUNDLE, ATTEST_JSON */
export function readMaterial(bytes: Uint8Array): OmsMaterial {
  const bundle = strictJson(bytes);
  requireBundleForm(bundle);
  const material = field(bundle, 'verificationMaterial');
  const envelope = parseEnvelope(field(bundle, 'dsseEnvelope'));
  if (envelope.signatures.length !== 1) throw mismatch('there is not exactly one signature');
  const key = field(material, 'publicKey');
  const chain = field(material, 'x509CertificateChain');
  const leaf = field(material, 'certificate');
  if ([key, chain, leaf].filter((one) => one !== undefined).length !== 1) {
    throw mismatch('there is not exactly one key, chain or certificate');
  }
  if (leaf !== undefined) {
    // That the list is empty is for the step to say that looks for an entry.
    if (field(material, 'tlogEntries') === undefined)
      throw new AppError('ATTEST_BUNDLE', { why: 'it has no log entries' });
    return { method: 'sigstore', envelope };
  }
  if (textField(bundle, 'mediaType') !== MEDIA_TYPE) throw new AppError('ATTEST_BUNDLE', { why: 'unknown media type' });
  if (key !== undefined) {
    const hint = textField(key, 'hint');
    if (hint === undefined && textField(key, 'rawBytes') === undefined) throw mismatch('it names no key');
    return { method: 'key', envelope, ...(hint === undefined || hint === '' ? {} : { hint }) };
  }
  const certificates = listField(chain, 'certificates').map((one) => textField(one, 'rawBytes'));
  if (certificates.length === 0) throw mismatch('the chain is empty');
  return { method: 'certificate', envelope, chain: certificates.map(der) };
}

function der(text: string | undefined): Uint8Array {
  try {
    return fromBase64(text ?? '*');
  } catch (error) {
    throw new AppError('ATTEST_MATERIAL', { why: 'a certificate is malformed' }, error);
  }
}

function mismatch(why: string): AppError {
  return new AppError('ATTEST_MATERIAL', { why });
}

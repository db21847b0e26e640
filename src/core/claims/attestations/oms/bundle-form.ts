/** The form of a model signature's bundle (ossf/model-signing-spec v1.0, sections 4 and 8.1): fields, and what each may hold. */
import { AppError } from '../../../errors.ts';
import { isObject } from '../json.ts';

/** What a value must be. `?` after a field's name: it may be absent. */
type Form =
  | { readonly is: 'text'; readonly filled?: boolean; readonly orNull?: boolean; readonly begins?: string }
  | { readonly is: 'list'; readonly of: Form; readonly filled?: boolean }
  /** `closed`: no other fields, which another reader might act on. */
  | { readonly is: 'object'; readonly fields: Readonly<Record<string, Form>>; readonly closed?: boolean };

const TEXT: Form = { is: 'text' };
const FILLED: Form = { is: 'text', filled: true };
const open = (fields: Readonly<Record<string, Form>>): Form => ({ is: 'object', fields });
const closed = (fields: Readonly<Record<string, Form>>): Form => ({ is: 'object', fields, closed: true });

const CERTIFICATE = open({ rawBytes: FILLED });
/** What Rekor's entries must hold besides is the log's business; here they are not mistaken for something else. */
const LOG_ENTRY = open({
  'logIndex?': TEXT,
  'logId?': open({ 'keyId?': TEXT }),
  'kindVersion?': open({ 'kind?': TEXT, 'version?': TEXT }),
  'integratedTime?': TEXT,
  'inclusionPromise?': open({ 'signedEntryTimestamp?': TEXT }),
  'inclusionProof?': open({
    'logIndex?': TEXT,
    'rootHash?': TEXT,
    'treeSize?': TEXT,
    'hashes?': { is: 'list', of: TEXT },
    'checkpoint?': open({ 'envelope?': TEXT }),
  }),
  'canonicalizedBody?': TEXT,
});

const BUNDLE = closed({
  mediaType: { is: 'text', begins: 'application/vnd.dev.sigstore.bundle' },
  verificationMaterial: open({
    // Before 1.1.0 the key itself stood here.
    'publicKey?': open({ 'hint?': TEXT, 'rawBytes?': TEXT }),
    'x509CertificateChain?': open({ certificates: { is: 'list', of: CERTIFICATE, filled: true } }),
    'certificate?': CERTIFICATE,
    'tlogEntries?': { is: 'list', of: LOG_ENTRY },
    'timestampVerificationData?': open({
      'rfc3161Timestamps?': { is: 'list', of: open({ 'signedTimestamp?': TEXT }) },
    }),
  }),
  dsseEnvelope: closed({
    payload: FILLED,
    payloadType: TEXT,
    signatures: { is: 'list', of: closed({ sig: FILLED, 'keyid?': { is: 'text', orNull: true } }), filled: true },
  }),
});

/** @throws AppError ATTEST_BUNDLE {why: what is wrong, with its path} */
export function requireBundleForm(value: unknown): void {
  require(value, BUNDLE, 'the bundle');
}

function require(value: unknown, form: Form, where: string): void {
  const wrong = (why: string): AppError => new AppError('ATTEST_BUNDLE', { why: `${where} ${why}` });
  if (form.is === 'text') {
    if (value === null && form.orNull === true) return;
    if (typeof value !== 'string') throw wrong('is no text');
    if (form.filled === true && value === '') throw wrong('is empty');
    if (!value.startsWith(form.begins ?? '')) throw wrong('is unknown');
  } else if (form.is === 'list') {
    if (!Array.isArray(value)) throw wrong('is no list');
    if (form.filled === true && value.length === 0) throw wrong('is empty');
    value.forEach((one, i) => require(one, form.of, `${where}[${i}]`));
  } else {
    if (!isObject(value)) throw wrong('is no object');
    for (const [name, inner] of Object.entries(form.fields)) {
      const key = name.replace('?', '');
      if (Object.hasOwn(value, key)) require(value[key], inner, key);
      else if (key === name) throw wrong(`has no ${key}`);
    }
    const allowed = new Set(Object.keys(form.fields).map((name) => name.replace('?', '')));
    const more = form.closed === true ? Object.keys(value).find((key) => !allowed.has(key)) : undefined;
    if (more !== undefined) throw wrong(`holds something unknown (${more.slice(0, 60)})`);
  }
}

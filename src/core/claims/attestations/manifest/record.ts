/** What a plain manifest states, whichever of the known shapes it has. */
import { fromBase64 } from '../../../bytes/base64.ts';
import { fromHex } from '../../../bytes/hex.ts';
import { AppError } from '../../../errors.ts';
import { OMS_RESOURCES_MAX } from '../../../limits.ts';
import { field, isObject, strictJson, textField, type JsonObject } from '../json.ts';
import { portable, refuseRepeated, type Resource } from '../oms/statement.ts';

export interface ManifestRecord {
  readonly document: JsonObject;
  /** `assay`: the shape Assay writes. `list`: files elsewhere in it. `digest`: one digest of a single model file. */
  readonly shape: 'assay' | 'list' | 'digest';
  readonly signature: StatedSignature | null;
}

export interface StatedSignature {
  /** As it is written; both readings where the text is hex and base64 alike. */
  readonly candidates: readonly Uint8Array[];
  readonly alg?: string;
  readonly keyid?: string;
  /** It carries a key of its own, which nobody may rely on. */
  readonly ownKey: boolean;
}

export interface StatedFile extends Resource {
  readonly size?: number;
}

const DIGEST_KEYS = ['model_hash', 'model_sha256', 'hash', 'sha256'] as const;
const PATH_KEYS = ['path', 'name', 'file', 'filename'] as const;
const FILE_DIGEST_KEYS = ['sha256', 'hash', 'digest'] as const;
const OWN_KEYS = ['public_key', 'publicKey', 'public_key_pem', 'key', 'jwk', 'certificate', 'x5c'] as const;

/** By its content alone; what cannot be read counts when it names what only a manifest names. */
export function looksLikeManifest(bytes: Uint8Array): boolean {
  try {
    return shapeOf(strictJson(bytes)) !== null;
  } catch {
    return new TextDecoder('latin1').decode(bytes.subarray(0, 65_536)).includes('"root_sha256"');
  }
}

function shapeOf(document: unknown): ManifestRecord['shape'] | null {
  if (!isObject(document)) return null;
  // Envelopes, bundles and bills of materials have digests too, and are read elsewhere.
  for (const other of [
    'payload',
    'payloadType',
    'verificationMaterial',
    'bomFormat',
    '_type',
    '@context',
    'spdxVersion',
  ])
    if (Object.hasOwn(document, other)) return null;
  const files = filesOf(document);
  const signed = Object.hasOwn(document, 'signature');
  if (files !== undefined) {
    const first = Array.isArray(files) ? (files as readonly unknown[])[0] : Object.values(files)[0];
    const listed = typeof first === 'string' || FILE_DIGEST_KEYS.some((key) => textField(first, key) !== undefined);
    if (field(field(document, 'model'), 'files') !== undefined && (listed || signed)) return 'assay';
    return listed && (signed || field(document, 'root_sha256') !== undefined) ? 'list' : null;
  }
  return signed && digestOf(document) !== undefined ? 'digest' : null;
}

/** @throws AppError ATTEST_JSON, ATTEST_BUNDLE, ATTEST_MATERIAL */
export function readManifest(bytes: Uint8Array): ManifestRecord {
  const document = strictJson(bytes);
  const shape = shapeOf(document);
  if (shape === null || !isObject(document)) throw new AppError('ATTEST_BUNDLE', { why: 'no list of files' });
  const version = field(document, 'version');
  if (version !== undefined && typeof version !== 'number' && typeof version !== 'string')
    throw new AppError('ATTEST_BUNDLE', { why: 'unknown version' });
  return { document, shape, signature: signatureOf(document) };
}

function signatureOf(document: JsonObject): StatedSignature | null {
  if (!Object.hasOwn(document, 'signature')) return null;
  const { signature } = document;
  const inside = isObject(signature) ? signature : document;
  const text = typeof signature === 'string' ? signature : firstText(signature, ['value', 'signature', 'sig']);
  if (text === undefined) throw new AppError('ATTEST_MATERIAL', { why: 'its signature is malformed' });
  const alg = firstText(inside, ['alg', 'algorithm', 'signature_algorithm']);
  const keyid = firstText(inside, ['keyid', 'key_id', 'kid']);
  return {
    candidates: decoded(text.trim()),
    ...(alg === undefined ? {} : { alg }),
    ...(keyid === undefined ? {} : { keyid: keyid.replace(/^sha256:/i, '').toLowerCase() }),
    ownKey: [inside, document].some((one) => OWN_KEYS.some((key) => Object.hasOwn(one, key))),
  };
}

function decoded(text: string): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  if (/^(?:[0-9a-f]{2})+$/i.test(text)) found.push(fromHex(text));
  try {
    if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) found.push(fromBase64(text.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    // Not base64 either, then.
  }
  if (found.length === 0) throw new AppError('ATTEST_MATERIAL', { why: 'its signature is neither base64 nor hex' });
  return found;
}

/**
 * The files it lists, in its order.
 *
 * @throws AppError ATTEST_RESOURCES, ATTEST_RESOURCE_NAME, ATTEST_RESOURCE_DIGEST
 */
export function listedFiles({ document }: ManifestRecord): readonly StatedFile[] {
  const files = filesOf(document)!;
  const entries: readonly (readonly [string | undefined, unknown])[] = Array.isArray(files)
    ? (files as readonly unknown[]).map((one) => [firstText(one, PATH_KEYS), one])
    : Object.entries(files);
  if (entries.length === 0 || entries.length > OMS_RESOURCES_MAX)
    throw new AppError('ATTEST_RESOURCES', { why: `${entries.length} files` });
  const listed = entries.map(([name, one]): StatedFile => {
    if (name === undefined) throw new AppError('ATTEST_RESOURCES', { why: 'one without a name' });
    const path = portable(name.replace(/^\.\//, ''), false);
    const digest = hex(typeof one === 'string' ? one : firstText(one, FILE_DIGEST_KEYS));
    if (digest === undefined) throw new AppError('ATTEST_RESOURCE_DIGEST', { path });
    const size = field(one, 'size');
    if (size !== undefined && !(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0))
      throw new AppError('ATTEST_RESOURCES', { why: 'a size that is none' });
    return { path, digest, ...(size === undefined ? {} : { size }) };
  });
  refuseRepeated(listed);
  return listed;
}

/** The one digest of a manifest without a list. @throws AppError ATTEST_RESOURCE_DIGEST */
export function singleDigest({ document }: ManifestRecord): string {
  const digest = hex(digestOf(document));
  if (digest === undefined) throw new AppError('ATTEST_RESOURCE_DIGEST', { path: modelName(document) ?? '' });
  return digest;
}

/** The digest over its list that it states, as lower-case hex where it is one; undefined: none. */
export function statedRoot({ document }: ManifestRecord): string | undefined {
  const stated = field(field(document, 'model'), 'root_sha256') ?? field(document, 'root_sha256');
  if (stated === undefined) return undefined;
  return (typeof stated === 'string' ? hex(stated) : undefined) ?? String(stated).slice(0, 200);
}

/** What it calls the model, or the file. */
export function modelName(document: JsonObject): string | undefined {
  const model = field(document, 'model');
  return typeof model === 'string'
    ? model
    : (textField(model, 'name') ?? firstText(document, ['model_name', 'model_file', 'model_path', ...PATH_KEYS]));
}

function filesOf(document: JsonObject): JsonObject | readonly unknown[] | undefined {
  const files = field(field(document, 'model'), 'files') ?? field(document, 'files');
  return isObject(files) ? files : Array.isArray(files) ? (files as readonly unknown[]) : undefined;
}

function digestOf(document: JsonObject): string | undefined {
  return firstText(document, DIGEST_KEYS) ?? firstText(field(document, 'model'), DIGEST_KEYS);
}

function firstText(value: unknown, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const found = textField(value, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

function hex(text: string | undefined): string | undefined {
  const digits = text?.replace(/^sha-?256:/i, '').toLowerCase();
  return digits !== undefined && /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
}

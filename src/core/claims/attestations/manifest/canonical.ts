/**
 * The plain signed manifest as Assay writes it, and the forms of signed text it reads.
 *
 * What is signed is the manifest without its member `signature`, as canonical JSON (RFC 8785): the same bytes that
 * `openssl dgst -sha256 -verify key.pem -signature sig.der` takes. The reader and the writer share this module.
 */
import { sha256Hex } from '../../../crypto/digest.ts';
import type { Hash, PublicKey } from '../../../crypto/public-key.ts';
import { AppError } from '../../../errors.ts';
import { canonicalJson, type Json } from '../../../formats/jcs.ts';
import { JsonNumber, JsonReader, type JsonValue } from '../../../formats/json-reader.ts';
import { parseStrictJson } from '../../../formats/strict-json.ts';
import { compareCodePoints } from '../code-points.ts';
import { rootDigest } from '../oms/files.ts';
import { pythonJson } from '../python-json.ts';

export interface ManifestFile {
  /** Within the model, `/`-separated. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface ManifestBody {
  readonly version: 1;
  readonly model: { readonly name: string; readonly files: readonly ManifestFile[]; readonly root_sha256: string };
  readonly metadata: { readonly [key: string]: Json };
  /** ISO 8601, by the signer's own clock. */
  readonly created: string;
}

/** Names of algorithms as they stand in `signature.alg`, and what each of them is. */
export const MANIFEST_ALGORITHMS: Readonly<
  Record<
    string,
    { readonly type: 'ec'; readonly curve: 'P-256' | 'P-384'; readonly hash: Hash } | { readonly type: 'ed25519' }
  >
> = {
  'ECDSA-P256-SHA256': { type: 'ec', curve: 'P-256', hash: 'SHA-256' },
  'ECDSA-P384-SHA384': { type: 'ec', curve: 'P-384', hash: 'SHA-384' },
  Ed25519: { type: 'ed25519' },
};

/** The name of the algorithm that a key signs manifests with; null for keys that sign none. */
export function manifestAlgorithm(key: PublicKey): string | null {
  const found = Object.entries(MANIFEST_ALGORITHMS).find(([, { type, ...rest }]) =>
    'curve' in rest ? key.type === 'ec' && key.curve === rest.curve : key.type === type,
  );
  return found?.[0] ?? null;
}

/** `keyid`: SHA-256 of the key's SubjectPublicKeyInfo (DER), lower-case hex. */
export function manifestKeyId(spki: Uint8Array): Promise<string> {
  return sha256Hex(spki);
}

/** `root_sha256`: SHA-256 over the raw SHA-256 digests of the files, one after the other, in the order listed. */
export function manifestRoot(files: readonly ManifestFile[]): Promise<string> {
  return rootDigest(files.map(({ path, sha256 }) => ({ path, digest: sha256 })));
}

/** Everything but the signature, files by the code points of their paths. */
export async function manifestBody(
  name: string,
  files: readonly ManifestFile[],
  metadata: ManifestBody['metadata'],
  created: string,
): Promise<ManifestBody> {
  const sorted = [...files].sort((a, b) => compareCodePoints(a.path, b.path));
  const model = { name, files: sorted, root_sha256: await manifestRoot(sorted) };
  return { version: 1, model, metadata, created };
}

/** The bytes to sign. */
export function manifestSignedBytes(body: ManifestBody): Uint8Array {
  return new TextEncoder().encode(canonicalJson(body as unknown as Json));
}

/** The file: readable, since its layout is not what is signed. @param value DER (ECDSA) or 64 bytes (Ed25519), base64 */
export function manifestText(
  body: ManifestBody,
  signature: { readonly alg: string; readonly keyid: string; readonly value: string },
): string {
  return `${JSON.stringify({ ...body, signature }, null, 2)}\n`;
}

export const SIGNED_FORMS = ['jcs', 'python-compact', 'python-default', 'text'] as const;

export interface SignedForm {
  /** `jcs` is the form above; the others are what scripts sign. */
  readonly id: (typeof SIGNED_FORMS)[number];
  readonly bytes: Uint8Array;
}

/**
 * The texts that a signature in this file may be over, in the order they are tried; all without the member `signature`.
 *
 * - `jcs`: RFC 8785. Left out where a number is not an exact double, which two values could then share.
 * - `python-compact`: `json.dumps(m, sort_keys=True, separators=(',', ':'))`
 * - `python-default`: `json.dumps(m, sort_keys=True)`
 * - `text`: the file's own bytes from its first brace to its last, without `, "signature": …`; only where that member is
 *   the last of several, because nowhere else is it clear which comma and which white space belong to it.
 *
 * @param bytes strict JSON, an object
 * @throws AppError FORMAT_*
 */
export function signedForms(bytes: Uint8Array): readonly SignedForm[] {
  const tree = new Map(parseStrictJson(bytes) as ReadonlyMap<string, JsonValue>);
  tree.delete('signature');
  const encoder = new TextEncoder();
  const forms: SignedForm[] = [];
  const add = (id: SignedForm['id'], make: () => Uint8Array | null): void => {
    const made = make();
    if (made !== null) forms.push({ id, bytes: made });
  };
  add('jcs', () => (exact(tree) ? encoder.encode(canonicalJson(plain(bytes))) : null));
  add('python-compact', () => orNull(() => encoder.encode(pythonJson(tree, [',', ':']))));
  add('python-default', () => orNull(() => encoder.encode(pythonJson(tree, [', ', ': ']))));
  add('text', () => withoutSignature(bytes));
  return forms;
}

function plain(bytes: Uint8Array): Json {
  const { signature: _, ...rest } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly [key: string]: Json };
  return rest;
}

function orNull(make: () => Uint8Array): Uint8Array | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

function exact(value: JsonValue): boolean {
  if (value instanceof JsonNumber) return !value.integer && Number.isFinite(Number(value.text));
  if (value instanceof Map) return [...(value as ReadonlyMap<string, JsonValue>).values()].every(exact);
  return !Array.isArray(value) || (value as readonly JsonValue[]).every(exact);
}

function withoutSignature(bytes: Uint8Array): Uint8Array | null {
  const reader = new JsonReader(bytes);
  const members: { readonly key: string; readonly offset: number }[] = [];
  const start = reader.offset;
  let close = 0;
  reader.object((key, offset) => {
    members.push({ key, offset });
    reader.skip();
    // After the last member this is the closing brace.
    close = reader.offset;
  });
  const last = members.at(-1);
  if (last?.key !== 'signature' || members.length < 2) return null;
  const comma = before(bytes, last.offset) - 1;
  const end = before(bytes, close);
  const out = new Uint8Array(comma - start + (close + 1 - end));
  out.set(bytes.subarray(start, comma));
  out.set(bytes.subarray(end, close + 1), comma - start);
  return out;
}

/** The place behind the last byte before `at` that is no white space. */
function before(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end > 0 && [0x20, 0x0a, 0x0d, 0x09].includes(bytes[end - 1]!)) end--;
  return end;
}

/**
 * Ollama's model store: `blobs/sha256-<hex>` and `manifests/<host>/<namespace>/<model>/<tag>`, which are OCI image
 * manifests (opencontainers/image-spec, manifest.md) with layers of Ollama's own media types. Older versions wrote
 * `blobs/sha256:<hex>`.
 */
import * as v from 'valibot';
import { AppError, toErrorData } from '../errors.ts';
import { LAYOUT_RECORD_MAX, LAYOUT_RECORDS_MAX } from '../limits.ts';
import type { Claim, DigestStatement, RefusedLine } from './claim.ts';
import type { Folder } from './folder.ts';

const BLOB = /(?:^|\/)sha256[-:]([0-9a-f]{64})$/;
const MANIFEST = /^(.*?)manifests\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)$/;
/** More layers than any real model has: weights, projector, template, parameters, licences. */
const LAYERS_MAX = 1000;

const layerSchema = v.object({
  mediaType: v.pipe(v.string(), v.maxLength(200)),
  digest: v.pipe(v.string(), v.regex(/^sha256[-:][0-9a-f]{64}$/)),
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
const manifestSchema = v.object({
  schemaVersion: v.literal(2),
  config: layerSchema,
  layers: v.pipe(v.array(layerSchema), v.maxLength(LAYERS_MAX)),
});

/** Blobs that are named after their own SHA-256. */
export function ollamaBlobs(folder: Folder): Claim | null {
  const statements: DigestStatement[] = [];
  for (const { path } of folder.files) {
    const digest = BLOB.exec(path)?.[1];
    if (digest !== undefined) statements.push({ path, algorithm: 'sha256', digest, scope: 'file' });
  }
  if (statements.length === 0) return null;
  const source = { kind: 'layout', name: 'Ollama’s store', independent: false };
  return { source, statements, exhaustive: false, skipped: [] };
}

/** True for a path that Ollama's manifests have. */
export function isOllamaManifest(path: string): boolean {
  return MANIFEST.test(path);
}

/** One claim per manifest: which layers a model has, with their digests and sizes. */
export async function ollamaManifests(folder: Folder): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  const records = folder.files.filter((f) => isOllamaManifest(f.path) && f.size <= LAYOUT_RECORD_MAX);
  for (const { path } of records.slice(0, LAYOUT_RECORDS_MAX)) {
    const [, root = '', host = '', namespace = '', model = '', tag = ''] = MANIFEST.exec(path) ?? [];
    const name = modelName(host, namespace, model, tag);
    const source = { kind: 'layout', name: `Ollama’s manifest of ${name}`, independent: false };
    try {
      const manifest = parseManifest(await folder.read(path, LAYOUT_RECORD_MAX), path);
      const statements = [manifest.config, ...manifest.layers].map(({ mediaType, digest, size }): DigestStatement => ({
        path: `${root}blobs/${digest.replace(':', '-')}`,
        algorithm: 'sha256',
        digest: digest.slice('sha256-'.length),
        size,
        scope: 'file',
        label: `${layerTitle(mediaType)} of ${name}`,
      }));
      claims.push({ source, statements, exhaustive: false, skipped: [], path });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'SOURCE_ABORTED') throw error;
      const refused: RefusedLine[] = [{ line: 1, error: toErrorData(error) }];
      claims.push({ source, statements: [], exhaustive: false, skipped: [], refused, path });
    }
  }
  return claims;
}

/** @throws AppError CLAIM_SYNTAX {path} */
function parseManifest(bytes: Uint8Array, path: string): v.InferOutput<typeof manifestSchema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new AppError('CLAIM_SYNTAX', { path }, error);
  }
  const result = v.safeParse(manifestSchema, value);
  if (!result.success) throw new AppError('CLAIM_SYNTAX', { path });
  return result.output;
}

/** As `ollama list` prints it: the usual registry and namespace are left out. */
function modelName(host: string, namespace: string, model: string, tag: string): string {
  if (host !== 'registry.ollama.ai') return `${host}/${namespace}/${model}:${tag}`;
  return namespace === 'library' ? `${model}:${tag}` : `${namespace}/${model}:${tag}`;
}

/** `application/vnd.ollama.image.model` → `model layer`. */
function layerTitle(mediaType: string): string {
  const ollama = /^application\/vnd\.ollama\.image\.([a-z]+)$/.exec(mediaType)?.[1];
  if (ollama !== undefined) return `${ollama} layer`;
  return mediaType.startsWith('application/vnd.docker.container.image') ? 'configuration' : 'layer';
}

/**
 * Where a model file carries its C2PA manifest (C2PA 2.4, embedding into SafeTensors and ONNX): base64 under one key of
 * its metadata. Digests leave out exactly the bytes of that value, so its place is read from the file itself.
 */
import { fromBase64, toBase64 } from '../../../bytes/base64.ts';
import { Cursor } from '../../../bytes/cursor.ts';
import type { ByteSource } from '../../../bytes/source.ts';
import { AppError } from '../../../errors.ts';
import { JsonReader } from '../../../formats/json-reader.ts';
import { MessageType, message, readMessage, span, text, type Span } from '../../../formats/protobuf.ts';
import { CLAIM_BUNDLE_MAX, PROTO_NAME_MAX, SAFETENSORS_HEADER_MAX } from '../../../limits.ts';
import type { AttestedFolder, FileHeader } from '../kind.ts';

export const C2PA_KEY = 'c2pa:manifest';
/** Not of the specification: where a manifest that lies elsewhere is named (github.com/writerslogic/c2pa-ml). */
export const C2PA_URI_KEY = 'c2pa:manifest.uri';

export interface EmbeddedManifest {
  readonly bytes: Uint8Array;
  /** Of the base64 text in the file. */
  readonly place: Span;
}

export function carriesC2pa({ format, metadata }: FileHeader): boolean {
  if (format !== 'safetensors' && format !== 'onnx') return false;
  return metadata.some(({ key }) => key === C2PA_KEY || key === C2PA_URI_KEY);
}

/**
 * @returns null when the file has no such key
 * @throws AppError ATTEST_BUNDLE {why}, ATTEST_NO_BYTES, SOURCE_*
 */
export async function findEmbedded(
  path: string,
  folder: AttestedFolder,
  signal: AbortSignal,
): Promise<EmbeddedManifest | null> {
  const source = sourceOf(path, folder);
  const onnx = folder.header?.(path)?.format === 'onnx' || /\.onnx$/i.test(path);
  const places = await readPlaces(onnx, source, signal);
  const [place] = places;
  if (place === undefined) return null;
  if (places.length > 1) throw malformed('the file carries two manifests');
  if (place.end - place.start > CLAIM_BUNDLE_MAX) throw malformed('its manifest is too large');
  const written = new TextDecoder('latin1').decode(await source.read(place.start, place.end, signal));
  return { bytes: canonicalBase64(written), place };
}

async function readPlaces(onnx: boolean, source: ByteSource, signal: AbortSignal): Promise<readonly Span[]> {
  try {
    return await (onnx ? inOnnx(source, signal) : inSafetensors(source, signal));
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
    throw new AppError('ATTEST_BUNDLE', { why: 'the header of the file cannot be read' }, error);
  }
}

async function inSafetensors(source: ByteSource, signal: AbortSignal): Promise<readonly Span[]> {
  const length = source.size < 8 ? 0n : new Cursor(await source.read(0, 8, signal)).u64();
  if (length === 0n || length > BigInt(Math.min(SAFETENSORS_HEADER_MAX, source.size - 8)))
    throw malformed('the file is no model that could carry one');
  const json = await source.read(8, 8 + Number(length), signal);
  const places: Span[] = [];
  const reader = new JsonReader(json, 8);
  reader.object((name) => {
    if (name !== '__metadata__' || reader.kind() !== 'object') return reader.skip();
    reader.object((key) => {
      if (key !== C2PA_KEY) return reader.skip();
      // Behind the opening quote.
      const start = reader.offset + 1;
      // Where a letter takes more bytes than one, a backslash or a foreign byte lies within, which is no base64.
      places.push({ start, end: start + reader.string().length });
    });
  });
  return places;
}

interface Found {
  readonly places: Span[];
  key: string;
  readonly values: Span[];
}

const MODEL = new MessageType<Found>('ModelProto');
const PROPERTY = new MessageType<Found>('StringStringEntryProto');
PROPERTY.define({
  1: text(PROTO_NAME_MAX, (target, value) => (target.key = value.text)),
  2: span(0, (target, value) => target.values.push(value)),
});
MODEL.define({
  14: message(
    PROPERTY,
    ({ places }): Found => ({ places, key: '', values: [] }),
    ({ places }, { key, values }) => {
      if (key === C2PA_KEY) places.push(...values);
    },
  ),
});

async function inOnnx(source: ByteSource, signal: AbortSignal): Promise<readonly Span[]> {
  const found: Found = { places: [], key: '', values: [] };
  await readMessage(source, { start: 0, end: source.size }, MODEL, found, signal);
  return found.places;
}

/** Base64 in its one spelling: another one of the same bytes would be a change that no digest notices. */
function canonicalBase64(written: string): Uint8Array {
  try {
    const bytes = fromBase64(written);
    if (toBase64(bytes) === written) return bytes;
  } catch {
    // Falls through: it is no base64 at all.
  }
  throw malformed('its manifest is not plain base64');
}

function sourceOf(path: string, folder: AttestedFolder): ByteSource {
  const size = folder.files.find((file) => file.path === path)?.size;
  if (size === undefined || folder.range === undefined) throw new AppError('ATTEST_NO_BYTES', { path });
  const read = (start: number, end: number): Promise<Uint8Array> => folder.range!(path, start, end);
  return {
    name: path,
    size,
    random: true,
    read,
    async *stream(start, end) {
      yield await read(start, end);
    },
    settle: async () => undefined,
  };
}

function malformed(why: string): AppError {
  return new AppError('ATTEST_BUNDLE', { why });
}

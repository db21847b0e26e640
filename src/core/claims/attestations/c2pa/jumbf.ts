/** JUMBF boxes (ISO 19566-5) as C2PA uses them: a tree of labelled superboxes. Every length must be exact. */
import { toHex } from '../../../bytes/hex.ts';
import { AppError } from '../../../errors.ts';
import { C2PA_BOXES_MAX, C2PA_DEPTH_MAX } from '../../../limits.ts';

export interface SuperBox {
  /** The first four letters of its type where it has such (`c2ma`, `cbor`), else the whole type as hex. */
  readonly type: string;
  readonly label: string;
  readonly boxes: readonly SuperBox[];
  readonly contents: readonly ContentBox[];
  /** All behind its own header, description included: what digests of it are over (C2PA 2.4 section 8.4.2.3). */
  readonly payload: Uint8Array;
}

export interface ContentBox {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const HEADER = 8;
const UUID = 16;
/** Of a description: a label follows, an id, a digest, a private box. */
const LABELLED = 2;
const NUMBERED = 4;
const DIGESTED = 8;
const PRIVATE = 16;
const DIGEST = 32;
/** The rest of a type that begins with four letters (ISO 19566-5 annex B). */
const LETTERS = '00110010800000aa00389b71';

/** True when the bytes begin as a superbox does. */
export function looksLikeBoxes(bytes: Uint8Array): boolean {
  return bytes.length > HEADER && letters(bytes, 4) === 'jumb';
}

/** The one superbox that fills `bytes`. @throws AppError ATTEST_BUNDLE {why} */
export function parseSuperBox(bytes: Uint8Array): SuperBox {
  const [first, ...rest] = elements(bytes);
  if (first?.type !== 'jumb' || rest.length > 0) throw malformed('it is not one box');
  return superBox(first.bytes, 1, { count: 0 });
}

function superBox(payload: Uint8Array, depth: number, seen: { count: number }): SuperBox {
  if (depth > C2PA_DEPTH_MAX) throw malformed('boxes nest too deep');
  const [description, ...inside] = elements(payload);
  if (description?.type !== 'jumd') throw malformed('a box without a description');
  seen.count += inside.length;
  if (seen.count > C2PA_BOXES_MAX) throw malformed('too many boxes');
  const boxes: SuperBox[] = [];
  const contents: ContentBox[] = [];
  for (const box of inside) {
    if (box.type === 'jumb') boxes.push(superBox(box.bytes, depth + 1, seen));
    else contents.push(box);
  }
  // Two parts of one name: which is meant depends on the reader.
  if (new Set(boxes.map(({ label }) => label)).size < boxes.length) throw malformed('two boxes have one label');
  return { ...described(description.bytes), boxes, contents, payload };
}

function described(bytes: Uint8Array): { readonly type: string; readonly label: string } {
  const toggles = bytes[UUID];
  if (toggles === undefined || toggles >= PRIVATE * 2) throw malformed('an unknown description');
  if ((toggles & LABELLED) === 0) throw malformed('a box without a label');
  const end = bytes.indexOf(0, UUID + 1);
  if (end === -1) throw malformed('a label without an end');
  let rest = end + 1;
  if ((toggles & NUMBERED) !== 0) rest += 4;
  if ((toggles & DIGESTED) !== 0) rest += DIGEST;
  if (rest > bytes.length) throw malformed('a cut description');
  const hidden = elements(bytes.subarray(rest));
  if (hidden.length !== ((toggles & PRIVATE) === 0 ? 0 : 1)) throw malformed('a description with more in it');
  const uuid = toHex(bytes.subarray(0, UUID));
  return {
    type: uuid.endsWith(LETTERS) ? letters(bytes, 0) : uuid,
    label: text(bytes.subarray(UUID + 1, end)),
  };
}

/** The boxes that fill `bytes` exactly. Lengths to the end of the file, and above 4 GiB, have no use here. */
function elements(bytes: Uint8Array): readonly ContentBox[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out: ContentBox[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + HEADER > bytes.length) throw malformed('a cut box');
    const length = view.getUint32(at);
    if (length < HEADER || at + length > bytes.length) throw malformed('a box of impossible length');
    if (out.length >= C2PA_BOXES_MAX) throw malformed('too many boxes');
    out.push({ type: letters(bytes, at + 4), bytes: bytes.subarray(at + HEADER, at + length) });
    at += length;
  }
  return out;
}

function letters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new AppError('ATTEST_BUNDLE', { why: 'a label that is no text' }, error);
  }
}

function malformed(why: string): AppError {
  return new AppError('ATTEST_BUNDLE', { why });
}

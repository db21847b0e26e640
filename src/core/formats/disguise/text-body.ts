import { containerName } from '../magic.ts';
import type { NotAModel } from '../not-a-model.ts';
import { isUtf8 } from './damage.ts';

const SHOWN = 160;
/** Fewer characters are as well a word. */
const BASE64_MIN = 64;

/** What a text saved in place of a model is; null for anything that is not text from edge to edge. */
export function readTextBody(head: Uint8Array, tail: Uint8Array, size: number): NotAModel | null {
  if (isUtf16(head)) return { kind: 'utf16', detail: {} };
  if (!isText(head) || !isText(tail)) return null;
  const text = new TextDecoder('utf-8').decode(head, { stream: true });
  return readHtml(text) ?? readXml(text) ?? readJson(text, size <= head.length) ?? readBase64(text) ?? plain(text);
}

/** UTF-8 without control characters but white space and the escape of terminals. */
function isText(bytes: Uint8Array): boolean {
  const control = (byte: number): boolean => byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b;
  return bytes.length > 0 && !bytes.some((byte) => control(byte) || byte === 0x7f) && isUtf8(bytes);
}

function isUtf16(head: Uint8Array): boolean {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  // Without the mark: ASCII with a zero after (or before) each character.
  const sample = head.subarray(0, 64);
  if (sample.length < 16) return false;
  const zeros = (rest: number): boolean => sample.every((byte, i) => i % 2 !== rest || byte === 0);
  const ascii = (rest: number): boolean => sample.every((byte, i) => i % 2 !== rest || (byte >= 0x09 && byte < 0x7f));
  return (zeros(1) && ascii(0)) || (zeros(0) && ascii(1));
}

function readHtml(text: string): NotAModel | null {
  const body = text.replace(/^\ufeff/, '').replace(/^(?:\s|<\?xml[^>]{0,200}\?>|<!--[\s\S]{0,2000}?-->)*/, '');
  if (!/^<(?:!doctype\s+html|html|head|body)\b/i.test(body)) return null;
  const title = /<title[^>]{0,100}>([^<]{1,300})/i.exec(body)?.[1]?.trim();
  return { kind: 'html', detail: title === undefined ? {} : { title: title.slice(0, SHOWN) } };
}

/** Object stores answer with `<Error><Code>…</Code><Message>…</Message></Error>`. */
function readXml(text: string): NotAModel | null {
  if (!/^\s*(?:<\?xml\b|<Error>)/.test(text.replace(/^\ufeff/, ''))) return null;
  const code = /<Code>([^<]{1,200})/.exec(text)?.[1];
  const message = /<Message>([^<]{1,300})/.exec(text)?.[1];
  return {
    kind: 'xml',
    detail: {
      ...(code === undefined ? {} : { code }),
      ...(message === undefined ? {} : { message: message.slice(0, SHOWN) }),
    },
  };
}

function readJson(text: string, whole: boolean): NotAModel | null {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  if (!/^[[{]/.test(trimmed)) return null;
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    // Cut at the end of the head: judged by its beginning.
    return !whole && /^(?:\{\s*"|\[\s*[[{"\d\]])/.test(trimmed) ? { kind: 'json', detail: {} } : null;
  }
  const message = errorMessage(value);
  return { kind: 'json', detail: message === null ? {} : { error: message.slice(0, SHOWN) } };
}

function errorMessage(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const key of ['error', 'message', 'detail', 'error_description']) {
    const inner: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    if (typeof inner === 'string') return inner;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) return errorMessage(inner);
  }
  return null;
}

function readBase64(text: string): NotAModel | null {
  const letters = text.replace(/^data:[^,]{0,100};base64,/, '').replaceAll(/[\r\n]/g, '');
  if (letters.length < BASE64_MIN || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(letters)) return null;
  // Digests in hex are text, too.
  if (/^[0-9a-f]+$/i.test(letters)) return null;
  const plainLetters = letters.slice(0, BASE64_MIN).replaceAll('-', '+').replaceAll('_', '/');
  const first = Uint8Array.from(atob(plainLetters), (char) => char.charCodeAt(0));
  const inside = containerName(first, Number.MAX_SAFE_INTEGER);
  return { kind: 'base64', detail: inside === null ? {} : { inside } };
}

function plain(text: string): NotAModel {
  const line = /\S[^\r\n]*/.exec(text.replace(/^\ufeff/, ''))?.[0] ?? '';
  return { kind: 'text', detail: { start: line.slice(0, SHOWN) } };
}

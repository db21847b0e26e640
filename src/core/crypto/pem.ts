/** PEM (RFC 7468): labelled base64 blocks, with or without prose around them. */
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { AppError } from '../errors.ts';

export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array<ArrayBuffer>;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,60})-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;

/**
 * Every block of a text, in order. Text before, between and after is skipped, as RFC 7468 section 2 allows.
 *
 * @throws AppError ATTEST_KEY when a block is not base64
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([, label, body]) => {
    try {
      return { label: label!, der: fromBase64(body!.replace(/\s+/g, '')) };
    } catch (error) {
      throw new AppError('ATTEST_KEY', { why: 'base64' }, error);
    }
  });
}

/** One block as OpenSSL writes it: 64 columns, line feeds, a final one. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** PEM when it looks like it, DER otherwise. @throws AppError ATTEST_KEY */
export function pemOrDer(bytes: Uint8Array, label: string): readonly Uint8Array<ArrayBuffer>[] {
  const text = new TextDecoder('latin1').decode(bytes);
  if (!text.includes('-----BEGIN ')) return [bytes.slice()];
  return pemBlocks(text)
    .filter((block) => block.label === label)
    .map(({ der }) => der);
}

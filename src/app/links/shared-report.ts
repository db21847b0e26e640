/**
 * A report as a link: `#report=` with deflated JSON in base64url, at most 8 kB. Fragments reach no server. A link
 * carries somebody's result, never authority: whoever opens it is told so.
 */
import * as v from 'valibot';
import { AppError } from '../../core/errors.ts';
import { SHARED_JSON_MAX, SHARED_LINK_MAX } from '../../core/limits.ts';
import type { Report } from '../../core/report/report.ts';
import { asReport, SharedSchema, type Shared } from './shared-schema.ts';

/** How much is kept, from all to almost nothing: the first that fits is taken. */
const STEPS: readonly { readonly checks: number; readonly files: number }[] = [
  { checks: 500, files: 500 },
  { checks: 120, files: 120 },
  { checks: 40, files: 40 },
  { checks: 12, files: 12 },
  { checks: 4, files: 4 },
  { checks: 0, files: 0 },
];
const WORST_FIRST = ['contradicts', 'could-not-check', 'matches', 'no-claim'] as const;

/** The text after `#report=`. @throws AppError USAGE when even the shortest form is too long */
export async function packReport(report: Report): Promise<string> {
  for (const { checks, files } of STEPS) {
    const json = new TextEncoder().encode(JSON.stringify(summary(report, checks, files)));
    if (json.byteLength > SHARED_JSON_MAX) continue;
    const packed = toBase64Url(await deflate(json));
    if (packed.length <= SHARED_LINK_MAX) return packed;
  }
  throw new AppError('USAGE', { problem: 'The report does not fit into a link.', next: 'Save it as a file instead.' });
}

/** @throws AppError USAGE when the text is not a report of this kind */
export async function unpackReport(packed: string): Promise<Report> {
  const refuse = (cause?: unknown): AppError =>
    new AppError(
      'USAGE',
      {
        problem: 'The link does not hold a report: it was cut off or changed on the way.',
        next: 'Ask for it again, or for the report as a file.',
      },
      cause,
    );
  if (packed.length > SHARED_LINK_MAX || !/^[\w-]+$/.test(packed)) throw refuse();
  try {
    return asReport(v.parse(SharedSchema, JSON.parse(await inflate(fromBase64Url(packed)))));
  } catch (cause) {
    throw refuse(cause);
  }
}

function summary(report: Report, checks: number, files: number): Shared {
  const { format, version, tool, created, subject, depth, stopped, read, database, axes, verdict } = report;
  const worst = [...report.checks].sort((a, b) => WORST_FIRST.indexOf(a.outcome) - WORST_FIRST.indexOf(b.outcome));
  return {
    format,
    version,
    tool,
    created,
    subject,
    depth,
    stopped,
    read,
    database,
    axes,
    verdict,
    checks: worst.slice(0, checks) as Shared['checks'],
    artifacts: report.artifacts.slice(0, files).map(({ path, size, status, role, format, digests }) => ({
      path,
      size,
      status,
      role,
      ...(format === undefined ? {} : { format }),
      digests: digests['sha256'] === undefined ? {} : { sha256: digests['sha256'] },
    })),
  };
}

async function deflate(json: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([json]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > SHARED_JSON_MAX) {
      await reader.cancel();
      throw new AppError('USAGE', { problem: 'The link unfolds to more than a report.' });
    }
    parts.push(value);
  }
  return new Blob(parts).text();
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

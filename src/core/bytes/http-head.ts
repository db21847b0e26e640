import { AppError } from '../errors.ts';
import { HTTP_HEAD, HTTP_TRIES } from '../limits.ts';
import type { HttpRanges, RangeAnswer } from './http-ranges.ts';
import { checkLength } from './ranges.ts';

/** What the first request to a file tells. */
export interface Head {
  readonly size: number;
  /** False: the server ignores ranges, only one pass from the start is possible. */
  readonly ranged: boolean;
  /** The first bytes, at most HTTP_HEAD. */
  readonly bytes: Uint8Array;
}

/**
 * Asks for the first HTTP_HEAD bytes.
 * @throws AppError SOURCE_*; SOURCE_LENGTH {reason: 'listing'}
 */
export async function openHead(ranges: HttpRanges, signal: AbortSignal | undefined): Promise<Head> {
  const { name, size: listed } = ranges.file;
  for (let tries = 1; ; tries += 1) {
    let asked: RangeAnswer;
    try {
      asked = await ranges.ask(0, HTTP_HEAD, signal);
    } catch (error) {
      if (isEmptyFile(error, listed)) return { size: 0, ranged: true, bytes: new Uint8Array(0) };
      throw error;
    }
    try {
      const bytes = await firstBytes(asked, name);
      const short = asked.partial && asked.end !== undefined && bytes.length < asked.end;
      if (!short) {
        const size = stated(asked, name, listed) ?? (await lengthOfOpenRange(ranges, asked, signal));
        checkLength(name, 0, Math.min(size, HTTP_HEAD), bytes.length);
        return { size, ranged: asked.partial, bytes };
      }
      if (tries === HTTP_TRIES) throw new AppError('SOURCE_LENGTH', { name, wanted: asked.end!, got: bytes.length });
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'SOURCE_OFFLINE' || tries === HTTP_TRIES) throw error;
    } finally {
      await asked.answer.cancel();
    }
  }
}

/** Every byte range of a file that has bytes includes byte 0, so a 416 for it means that there are none. */
function isEmptyFile(error: unknown, listed: number | undefined): boolean {
  if (!(error instanceof AppError) || error.code !== 'SOURCE_HTTP' || error.detail['status'] !== 416) return false;
  const total = error.detail['total'];
  return total === undefined ? listed === 0 : total === 0 && (listed === undefined || listed === 0);
}

async function firstBytes(asked: RangeAnswer, name: string): Promise<Uint8Array> {
  const head = new Uint8Array(HTTP_HEAD);
  let filled = 0;
  for (let chunk = await asked.answer.read(); chunk !== null; chunk = await asked.answer.read()) {
    const taken = chunk.subarray(0, HTTP_HEAD - filled);
    head.set(taken, filled);
    filled += taken.length;
    if (taken.length < chunk.length && asked.partial) {
      throw new AppError('SOURCE_RANGE_LIED', { name, start: 0, end: HTTP_HEAD, reason: 'longer' });
    }
    // Of a whole file sent unasked, the rest is not read; of a range, the end is, to see that it is one.
    if (filled === HTTP_HEAD && !asked.partial) break;
  }
  return head.slice(0, filled);
}

/**
 * The size of the file, from the listing or from what the server says; undefined when both are silent. How much came is
 * never taken for the size, only held against it: a body may end early and look complete.
 */
function stated(asked: RangeAnswer, name: string, listed: number | undefined): number | undefined {
  // A whole body's Content-Length may be that of a compressed form whose header is hidden across origins; the listing
  // knows better then, and every full pass counts.
  const served = asked.partial || listed === undefined ? asked.total : undefined;
  if (listed !== undefined && served !== undefined && listed !== served) {
    throw new AppError('SOURCE_LENGTH', { name, reason: 'listing', wanted: listed, got: served });
  }
  return listed ?? served;
}

/**
 * Content-Range is hidden across origins unless the server exposes it, Content-Length never is: that of a range left
 * open to the end is the size.
 */
async function lengthOfOpenRange(
  ranges: HttpRanges,
  asked: RangeAnswer,
  signal: AbortSignal | undefined,
): Promise<number> {
  const open = asked.partial ? await ranges.ask(0, null, signal) : asked;
  await open.answer.cancel();
  if (open.partial && open.length !== undefined) return open.length;
  throw new AppError('SOURCE_HTTP', { name: ranges.file.name, status: open.answer.status, reason: 'no-size' });
}

/** Text of a claim as lines, and the collecting of what its lines state. */
import { AppError, toErrorData } from '../errors.ts';
import { CLAIM_FILE_MAX, CLAIM_LINES_MAX, PATH_MAX, SKIPPED_LINES_KEPT } from '../limits.ts';
import type { TrustSource } from './check.ts';
import type { Claim, DigestStatement, RefusedLine } from './claim.ts';

/** The longest line that is looked at: a digest, an escaped path, a label. */
const LINE_MAX = 2 * PATH_MAX + 512;
const TEXT_KEPT = 200;

/**
 * Bytes of a list as text. PowerShell's `>` writes UTF-16 with a byte-order mark; everything else is UTF-8.
 * @throws AppError CLAIM_TOO_LARGE {name, size}
 */
export function claimText(bytes: Uint8Array, name: string): string {
  if (bytes.length > CLAIM_FILE_MAX) throw new AppError('CLAIM_TOO_LARGE', { name, size: bytes.length });
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** Lines with their numbers from 1, without line ends, trailing blanks and a byte-order mark. */
export function* linesOf(text: string, name: string): Generator<{ line: number; text: string }, void, undefined> {
  if (text.length > CLAIM_FILE_MAX) throw new AppError('CLAIM_TOO_LARGE', { name, size: text.length });
  let start = text.startsWith('\ufeff') ? 1 : 0;
  for (let line = 1; start < text.length; line += 1) {
    if (line > CLAIM_LINES_MAX) throw new AppError('CLAIM_TOO_LARGE', { name, size: text.length, lines: line });
    const at = text.indexOf('\n', start);
    const end = at < 0 ? text.length : at;
    const cut = text.slice(start, Math.min(end, start + LINE_MAX + 1)).replace(/[\r\t ]+$/, '');
    yield { line, text: cut };
    start = end + 1;
  }
}

export function tooLong(line: string): boolean {
  return line.length > LINE_MAX;
}

/** What the lines of one claim state, with contradictions between them taken out. */
export class StatementCollector {
  readonly #name: string;
  readonly #statements = new Map<string, { readonly line: number; readonly statement: DigestStatement }>();
  readonly #refused: RefusedLine[] = [];
  readonly #skipped: { line: number; text: string }[] = [];
  readonly #torn = new Set<string>();
  #skippedTotal = 0;

  constructor(name: string) {
    this.#name = name;
  }

  get count(): number {
    return this.#statements.size;
  }

  /** A second statement about the same bytes is dropped when it is the same and takes both out when it is not. */
  add(line: number, statement: DigestStatement): void {
    const { path, scope, tensor = '', algorithm, digest } = statement;
    // Digests without a name are a list of alternatives, not statements about one file.
    const key = [scope, algorithm, path ?? `\0${digest}`, tensor].join('\0');
    const before = this.#statements.get(key);
    if (this.#torn.has(key) || before?.statement.digest === digest) return;
    if (before === undefined) {
      this.#statements.set(key, { line, statement });
      return;
    }
    this.#statements.delete(key);
    this.#torn.add(key);
    const detail = { name: this.#name, path: path ?? '', line, first: before.line };
    this.refuse(line, new AppError('CLAIM_DUPLICATE', detail), path ?? undefined);
  }

  /** Runs what reads one line; what it throws on purpose becomes a refused line. */
  guard(line: number, path: string | undefined, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.refuse(line, error, path);
    }
  }

  refuse(line: number, error: AppError, path?: string): void {
    if (this.#refused.length >= SKIPPED_LINES_KEPT) {
      this.skip(line, path ?? '');
      return;
    }
    this.#refused.push({
      line,
      error: toErrorData(error),
      ...(path === undefined ? {} : { path: path.slice(0, 400) }),
    });
  }

  skip(line: number, text: string): void {
    this.#skippedTotal += 1;
    if (this.#skipped.length < SKIPPED_LINES_KEPT) this.#skipped.push({ line, text: text.slice(0, TEXT_KEPT) });
  }

  /** @throws AppError CLAIM_EMPTY when no line states anything and none was refused */
  finish(source: TrustSource): Claim {
    if (this.#statements.size === 0 && this.#refused.length === 0) {
      throw new AppError('CLAIM_EMPTY', { name: this.#name });
    }
    const statements = [...this.#statements.values()].map((s) => s.statement);
    return {
      source,
      statements,
      exhaustive: false,
      skipped: this.#skipped,
      ...(this.#skippedTotal > this.#skipped.length ? { skippedTotal: this.#skippedTotal } : {}),
      ...(this.#refused.length > 0 ? { refused: this.#refused } : {}),
    };
  }
}

/** OpenSSH's `allowed_signers` files: who may sign with which key, for what and when (ssh-keygen(1), ALLOWED SIGNERS). */
import { readSshLine, type SshKey } from '../../../crypto/ssh-key.ts';
import { AppError } from '../../../errors.ts';
import { GIVEN_KEYS_MAX } from '../../../limits.ts';

export interface AllowedSigner {
  /** Patterns, comma-separated: `release@example.org`, `*@example.org,!guest@example.org`. */
  readonly principals: string;
  readonly key: SshKey;
  /** Patterns of namespaces the key may sign in; absent: any. */
  readonly namespaces?: string;
  /** ISO times between which the key counts. */
  readonly start?: string;
  readonly end?: string;
}

/** A word of a line: quoted as a whole or in parts, so that it may hold blanks. */
const WORD = /^[ \t]*((?:[^\s"]|"(?:[^"\\]|\\.)*")+)(?=[ \t])/;
/** One option; values stand in quotes. */
const OPTION = /^([A-Za-z-]+)(?:="((?:[^"\\]|\\.)*)")?(?:,|$)/;

/**
 * Lines that are none are an error: an expectation that is misspelt would never be checked.
 *
 * @returns empty when it is no such file at all
 * @throws AppError ATTEST_KEY {why}, ATTEST_NO_VERIFIER: every key in it is a certificate authority
 */
export function readAllowedSigners(text: string): readonly AllowedSigner[] {
  const found: AllowedSigner[] = [];
  let authorities = 0;
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    // What is no such file shows at its first line and is not read to its end.
    if (found.length + authorities >= GIVEN_KEYS_MAX) throw new AppError('ATTEST_KEY', { why: 'too many signers' });
    const read = signerOf(line, i + 1);
    if (read === null) {
      if (found.length + authorities === 0) return [];
      throw new AppError('ATTEST_KEY', { why: `line ${i + 1} is not understood` });
    }
    if (read === 'authority') authorities += 1;
    else found.push(read);
  }
  if (found.length === 0 && authorities > 0) throw new AppError('ATTEST_NO_VERIFIER', { what: 'SSH certificates' });
  return found;
}

function signerOf(line: string, number: number): AllowedSigner | 'authority' | null {
  const word = WORD.exec(line);
  if (word === null) return null;
  const principals = word[1]!.replaceAll('"', '');
  let rest = line.slice(word[0].length).trim();
  let direct = readSshLine(rest);
  let options: ReadonlyMap<string, string> = new Map();
  if (direct === null) {
    const second = WORD.exec(rest);
    if (second === null) return null;
    rest = rest.slice(second[0].length).trim();
    // The key decides whether it is such a line at all; only then are its options worth an error.
    direct = readSshLine(rest);
    if (direct === null) return null;
    options = optionsOf(second[1]!, number);
  }
  if (options.has('cert-authority')) return 'authority';
  const namespaces = options.get('namespaces');
  const start = timeOf(options.get('valid-after'), number);
  const end = timeOf(options.get('valid-before'), number);
  return {
    principals,
    key: direct.key,
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
}

const OPTIONS: ReadonlySet<string> = new Set(['cert-authority', 'namespaces', 'valid-after', 'valid-before']);

function optionsOf(text: string, line: number): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  let rest = text;
  while (rest !== '') {
    const found = OPTION.exec(rest);
    const name = found?.[1]!.toLowerCase() ?? '';
    const needsValue = name !== 'cert-authority';
    if (found === null || !OPTIONS.has(name) || options.has(name) || needsValue !== (found[2] !== undefined)) {
      throw new AppError('ATTEST_KEY', { why: `an option of line ${line} is not understood` });
    }
    options.set(name, (found[2] ?? '').replaceAll('\\"', '"'));
    rest = rest.slice(found[0].length);
  }
  return options;
}

/** `YYYYMMDD`, `YYYYMMDDHHMM`, `YYYYMMDDHHMMSS`, each with `Z` for UTC; without, it is this machine's own time, as in OpenSSH. */
function timeOf(text: string | undefined, line: number): string | undefined {
  if (text === undefined) return undefined;
  const found = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/i.exec(text);
  const [year, month, day, hour, minute, second] = (found?.slice(1, 7) ?? []).map((part) => Number(part ?? 0));
  const utc = found?.[7] !== '';
  const parts = [year!, month! - 1, day!, hour!, minute!, second!] as const;
  const time = found === null ? new Date(Number.NaN) : utc ? new Date(Date.UTC(...parts)) : new Date(...parts);
  const same = utc ? time.getUTCDate() === day && time.getUTCMonth() === month! - 1 : time.getDate() === day;
  if (Number.isNaN(time.getTime()) || !same)
    throw new AppError('ATTEST_KEY', { why: `a time of line ${line} is not understood` });
  return time.toISOString();
}

/** OpenSSH's pattern lists: `*` and `?`, comma-separated, `!` refuses whatever else matches (ssh_config(5), PATTERNS). */
export function matchesPatterns(text: string, patterns: string): boolean {
  let found = false;
  for (const pattern of patterns.split(',')) {
    const negated = pattern.startsWith('!');
    if (!matches(text, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** Linear in memory and at worst quadratic in time: after a mismatch only the last `*` takes one character more. */
function matches(text: string, pattern: string): boolean {
  let [at, p, star, retry] = [0, 0, -1, 0];
  while (at < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      retry = at;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[at])) {
      at += 1;
      p += 1;
    } else if (star !== -1) {
      p = star + 1;
      at = ++retry;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

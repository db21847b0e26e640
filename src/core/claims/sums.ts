/**
 * Checksum lists as people publish them: coreutils (`sha256sum`, `--tag`, `--binary`), BSD `md5(1)`, b3sum, `openssl
 * dgst`, PowerShell's Get-FileHash, `algorithm:hex  file`, and lists of bare digests.
 */
import { AppError } from '../errors.ts';
import { algorithmNamed, algorithmOfLength, isDigestOf } from './algorithm-names.ts';
import type { TrustSource } from './check.ts';
import type { Claim, DigestStatement } from './claim.ts';
import { parseDigest } from './hex.ts';
import { baseName, folderOf, listedPath } from './listed-path.ts';
import { linesOf, StatementCollector, tooLong } from './lines.ts';

/** `\` at the start: the name is escaped (GNU coreutils, "cksum output modes"). */
// `s`: U+2028 may stand in a file name.
const TAGGED = /^(\\?)([A-Za-z][A-Za-z0-9/_-]{1,20}) ?\((.+)\) ?= ?([0-9A-Za-z+/=]{8,256})$/s;
const UNTAGGED = /^(\\?)([0-9A-Fa-f]{16,128})(?: [ *]|[ \t]+)[ \t]*(.+)$/s;
const PREFIXED = /^([A-Za-z][A-Za-z0-9_-]{1,20}[:=][0-9A-Fa-f]{16,256})(?:[ \t]+\*?(.+))?$/s;
const POWERSHELL = /^([A-Z][A-Z0-9]{2,9})[ \t]+([0-9A-F]{32,128})[ \t]+(.+)$/s;
const COMMENT = /^[ \t]*(?:#|;|\/\/)/;
/** OpenPGP clear-signed text (RFC 9580 §7): the frame around a signed list. */
const ARMOUR = /^-----(BEGIN|END) PGP ([A-Z ]+)-----$/;

export interface ListContext {
  /** Path of the list among the artifacts, or what it is called. */
  readonly name: string;
  readonly source: TrustSource;
}

/**
 * Reads a checksum list. Paths become relative to the model: a list in `sub/` speaks about files in `sub/`.
 *
 * Lines that are not understood are kept in `skipped`; lines that are and must not be used (a path with `..`, an
 * algorithm that is not supported, two digests for one name) in `refused`.
 *
 * @throws AppError CLAIM_EMPTY {name}: no line is a digest; CLAIM_TOO_LARGE
 */
export function parseSums(text: string, context: ListContext): Claim {
  const out = new StatementCollector(baseName(context.name));
  let signature = false;
  for (const { line, text: raw } of linesOf(text, context.name)) {
    const armour = ARMOUR.exec(raw);
    if (armour !== null) signature = armour[1] === 'BEGIN' && armour[2] === 'SIGNATURE';
    if (armour !== null || signature || raw === '' || COMMENT.test(raw)) continue;
    if (tooLong(raw)) out.skip(line, raw);
    else readLine(line, raw, context.name, out);
  }
  return out.finish(context.source);
}

function readLine(line: number, raw: string, list: string, out: StatementCollector): void {
  const folder = folderOf(list);
  const tagged = TAGGED.exec(raw);
  if (tagged !== null) {
    const [, escape, label = '', name = '', value = ''] = tagged;
    const path = unescaped(escape, name);
    out.guard(line, path, () => out.add(line, stated(label, value, listedPath(path, folder))));
    return;
  }
  const untagged = UNTAGGED.exec(raw);
  if (untagged !== null) {
    const [, escape, hex = '', name = ''] = untagged;
    const path = unescaped(escape, name.replace(/^\*(?=.)/, ''));
    const found = algorithmOfLength(hex.length, baseName(list));
    if (found === null) out.skip(line, raw);
    else {
      out.guard(line, path, () => {
        const { algorithm, assumed } = found;
        const digest = hex.toLowerCase();
        const at = listedPath(path, folder);
        out.add(line, { path: at, algorithm, digest, scope: 'file', ...(assumed ? { assumed } : {}) });
      });
    }
    return;
  }
  const powershell = POWERSHELL.exec(raw);
  if (powershell !== null) {
    const [, label = '', value = '', name = ''] = powershell;
    const path = unescaped('', name);
    out.guard(line, path, () => out.add(line, stated(label, value, listedPath(path, folder))));
    return;
  }
  readBare(line, raw, list, out);
}

/** `sha256:hex file`, `sha256:hex` or hex alone. */
function readBare(line: number, raw: string, list: string, out: StatementCollector): void {
  const prefixed = PREFIXED.exec(raw.trim());
  const [token = '', name] = prefixed === null ? [raw.trim()] : [prefixed[1], prefixed[2]];
  const path = name === undefined ? undefined : unescaped('', name);
  let understood = true;
  out.guard(line, path, () => {
    const found = parseDigest(token, baseName(list));
    if (found === null) {
      understood = false;
      return;
    }
    const { algorithm, digest, assumed } = found;
    const at = path === undefined ? null : listedPath(path, folderOf(list));
    out.add(line, { path: at, algorithm, digest, scope: 'file', ...(assumed ? { assumed } : {}) });
  });
  if (!understood) out.skip(line, raw);
}

function stated(label: string, value: string, path: string): DigestStatement {
  const algorithm = algorithmNamed(label);
  if (algorithm === null) throw new AppError('CLAIM_ALGORITHM', { algorithm: label, path });
  const hex = value.toLowerCase();
  const digest = isDigestOf(algorithm, hex) ? hex : parseDigest(`${algorithm}-${value}`)?.digest;
  if (digest === undefined) throw new AppError('CLAIM_DIGEST', { digest: value.slice(0, 140), algorithm, path });
  return { path, algorithm, digest, scope: 'file' };
}

/** GNU escapes `\`, LF and CR in names, and only then starts the line with `\`. Without it, `\` is Windows' separator. */
function unescaped(mark: string | undefined, name: string): string {
  if (mark !== '\\') return name.replaceAll('\\', '/');
  return name.replace(/\\([\\nr])/g, (_, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : '\\'));
}

/** `model.safetensors.sha256` that holds one bare digest speaks about `model.safetensors`. */
const BESIDE = /\.(?:sha(?:1|224|256|384|512)|md5|b2|b3|blake2[bs]?|blake3|xxh64)(?:sums?)?(?:\.txt)?$/i;

/**
 * A list that lies among the artifacts: as `parseSums`, and a single digest without a name is about the file that the
 * list is named after, when it is named after one.
 */
export function parseSumsFile(text: string, path: string): Claim {
  const source: TrustSource = { kind: 'sums', name: baseName(path), independent: false };
  const claim = { ...parseSums(text, { name: path, source }), path };
  const [only] = claim.statements;
  const target = path.replace(BESIDE, '');
  if (claim.statements.length !== 1 || only === undefined || only.path !== null || target === path) return claim;
  return { ...claim, statements: [{ ...only, path: target }] };
}

const ALGORITHM = '(?:sha-?(?:1|224|256|384|512)|md5|b2|b3|blake2[bs]?|blake3|xxh64)';
const LIST_NAMES: readonly RegExp[] = [
  // SHA256SUMS, sha256sum.txt, model_md5sums, B3SUMS, SHASUMS256.txt
  new RegExp(`(?:^|[._-])${ALGORITHM}sums?(?:\\.(?:txt|asc))?$`, 'i'),
  /(?:^|[._-])shasums?(?:256|512)?(?:\.txt)?(?:\.asc)?$/i,
  // model.safetensors.sha256, model.md5sum, sha256.txt
  new RegExp(`(?:^|\\.)${ALGORITHM}(?:sums?)?(?:\\.txt)?$`, 'i'),
  // CHECKSUMS, checksums-sha256.txt, hashes.txt, manifest-sha256.txt (BagIt, RFC 8493)
  new RegExp(`(?:^|[._-])(?:checksums?|digests?|hashes)(?:[._-]${ALGORITHM})?(?:\\.txt|\\.${ALGORITHM})?$`, 'i'),
  new RegExp(`^manifest-${ALGORITHM}\\.txt$`, 'i'),
];

/** True when a file's name is one that checksum lists have. */
export function isSumsName(path: string): boolean {
  const name = baseName(path);
  return LIST_NAMES.some((pattern) => pattern.test(name));
}

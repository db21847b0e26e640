/**
 * Manifests of llama.cpp's `gguf-hash`: lines of algorithm, digest and `file.gguf` or `file.gguf:tensor`.
 *
 * What the digests are over (llama.cpp, examples/gguf-hash/gguf-hash.cpp): a tensor's line over its stored bytes; the
 * line of the file over the stored bytes of all tensors, one after another in the order of the tensor table, without
 * header, metadata and padding. It is not the digest of the file. The name is the argument of the command, which may
 * have been a path anywhere. `uuid` is an identifier made from the same bytes, not a digest.
 */
import { AppError } from '../errors.ts';
import { algorithmNamed, isDigestOf } from './algorithm-names.ts';
import type { TrustSource } from './check.ts';
import type { Claim, DigestStatement } from './claim.ts';
import { baseName, folderOf } from './listed-path.ts';
import { linesOf, StatementCollector, tooLong } from './lines.ts';
import type { ListContext } from './sums.ts';

/** What the tool prints after each line when it verifies; such output is a manifest too. */
const LINE =
  /^(xxh64|xxh3|sha1|sha256|uuid)[ \t]+([0-9a-f]{16,64}|[0-9a-f-]{36})[ \t]+(.+?)(?: {2}- {2}(?:Ok|Mismatch|Not Found|\?))?$/s;
/** Lines the tool prints around its results. */
const FRAME = /^(?:manifest {2}|Verification results for )/;

/** True when a line of `head` is one of this tool's. */
export function isGgufHash(head: string): boolean {
  return head.split('\n', 200).some((line) => LINE.test(line.replace(/\r$/, '')));
}

/**
 * @throws AppError CLAIM_EMPTY {name}, CLAIM_TOO_LARGE
 */
export function parseGgufHash(text: string, context: ListContext): Claim {
  const out = new StatementCollector(baseName(context.name));
  for (const { line, text: raw } of linesOf(text, context.name)) {
    if (raw === '' || FRAME.test(raw)) continue;
    const found = tooLong(raw) ? null : LINE.exec(raw);
    if (found === null || found[1] === 'uuid') {
      out.skip(line, raw);
      continue;
    }
    const [, label = '', digest = '', subject = ''] = found;
    out.guard(line, subject, () => out.add(line, stated(label, digest, folderOf(context.name), splitSubject(subject))));
  }
  return out.finish(context.source);
}

/** A manifest that lies among the artifacts. */
export function parseGgufHashFile(text: string, path: string): Claim {
  const source: TrustSource = { kind: 'gguf-hash', name: baseName(path), independent: false };
  return { ...parseGgufHash(text, { name: path, source }), path };
}

function stated(label: string, digest: string, folder: string, { file, tensor }: Subject): DigestStatement {
  const path = folder + file;
  const algorithm = algorithmNamed(label);
  if (algorithm === null) throw new AppError('CLAIM_ALGORITHM', { algorithm: label, path });
  if (!isDigestOf(algorithm, digest))
    throw new AppError('CLAIM_DIGEST', { digest: digest.slice(0, 140), algorithm, path });
  if (tensor === null) return { path, algorithm, digest, scope: 'tensor-data' };
  return { path, algorithm, digest, scope: 'tensor', tensor };
}

interface Subject {
  readonly file: string;
  readonly tensor: string | null;
}

/** `dir/file.gguf:blk.0.attn_q.weight`: the file name ends at `.gguf`, else at the first `:` after a drive letter. */
function splitSubject(subject: string): Subject {
  const named = /^(.*?\.gguf)(?::(.*))?$/is.exec(subject);
  const drive = /^[A-Za-z]:[\\/]/.test(subject) ? 2 : 0;
  const colon = subject.indexOf(':', drive);
  const file = named?.[1] ?? (colon < 0 ? subject : subject.slice(0, colon));
  const tensor = named === null ? (colon < 0 ? null : subject.slice(colon + 1)) : (named[2] ?? null);
  const name = baseName(file.replaceAll('\\', '/'));
  if (name === '' || name === '..') throw new AppError('CLAIM_PATH', { path: file.slice(0, 200) });
  return { file: name, tensor };
}

import type { ByteSource } from '../src/core/bytes/source.ts';
import { throwIfAborted } from '../src/core/errors.ts';
import type { HashProvider } from '../src/core/hash/hasher.ts';
import type { PlannedArtifact } from '../src/core/scan/model.ts';

/**
 * Larger local files are not hashed for the sake of the cache: SHA-256 in WebAssembly does some 450 MB a second and
 * extracting signals some 700, so that a hit would cost more than what it saves. A page has no identity of a file that
 * shows every edit (name, size and date can stay the same), so nothing is remembered instead.
 */
const HASHED_MAX = 256 * 1024 * 1024;
/** A commit of the Hub: what is behind such an address cannot change. */
const PINNED = /\/resolve\/[0-9a-f]{40}\//;

/** What names the content of a file, for the cache of signals. @throws AppError SOURCE_* */
export async function contentOf(
  { spec }: PlannedArtifact,
  source: ByteSource,
  hashes: HashProvider,
  signal: AbortSignal,
): Promise<string | null> {
  if (spec.kind === 'http') return PINNED.test(spec.url) ? `url:${source.size}:${spec.url}` : null;
  if (source.size > HASHED_MAX) return null;
  const hash = await hashes.create('sha256', source.size);
  for await (const chunk of source.stream(0, source.size, signal)) {
    throwIfAborted(signal);
    hash.update(chunk);
  }
  return `sha256:${hash.digest()}`;
}

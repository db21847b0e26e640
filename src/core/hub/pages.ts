import { AppError } from '../errors.ts';
import { HUB_PAGES_MAX } from '../limits.ts';
import { hubJson, type HubAccess } from './access.ts';
import type { Asked } from './hub-error.ts';

/**
 * Follows `Link: <…>; rel="next"` (RFC 8288). A cursor has to stay on the same origin and path: it is sent with the
 * token, and a listing that wanders off is not the one that was asked for.
 *
 * @throws AppError HUB_RESPONSE {reason: 'next' | 'pages'}
 */
export async function* hubPages(
  access: HubAccess,
  first: string,
  asked: Omit<Asked, 'token'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, undefined> {
  const seen = new Set<string>();
  let url: string | null = first;
  while (url !== null) {
    if (seen.size === HUB_PAGES_MAX) throw new AppError('HUB_RESPONSE', { repo: asked.repo, reason: 'pages' });
    if (seen.has(url)) throw new AppError('HUB_RESPONSE', { repo: asked.repo, reason: 'next', at: 'loop' });
    seen.add(url);
    const page: { value: unknown; headers: Headers; url: string } = await hubJson(access, url, asked, signal);
    url = nextPage(page.headers.get('link'), page.url, asked.repo);
    yield page.value;
  }
}

function nextPage(link: string | null, current: string, repo: string): string | null {
  const target = /<([^<>]{1,4000})>\s*;\s*rel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined) return null;
  const here = new URL(current);
  let next: URL;
  try {
    next = new URL(target, here);
  } catch (error) {
    throw new AppError('HUB_RESPONSE', { repo, reason: 'next' }, error);
  }
  if (next.origin !== here.origin || samePath(next) !== samePath(here)) {
    throw new AppError('HUB_RESPONSE', { repo, reason: 'next', host: next.host });
  }
  return next.href;
}

/** The Hub does not mind case in names, and may or may not encode the slashes of a revision. */
function samePath(url: URL): string {
  return url.pathname.replaceAll(/%2f/gi, '/').toLowerCase();
}

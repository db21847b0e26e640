/** `?repo=org/name&revision=…&file=…&depth=…&digest=…`: a check that can be linked to from anywhere. */
import type { Depth } from '../../core/scan/model.ts';

export interface DeepLink {
  /** As written; read by the same rules as the field on Home. Empty when only a digest is given. */
  readonly repo: string;
  readonly revision?: string;
  readonly file?: string;
  readonly depth: Depth;
  /** Hex, or `algorithm:hex`. */
  readonly digest?: string;
}

/** Longer values are nobody's repository, branch, file or digest. */
const LONGEST = 512;

/** Null when the query asks for nothing. Values are text from a stranger: bounded here, judged where they are used. */
export function parseDeepLink(search: string): DeepLink | null {
  const query = new URLSearchParams(search);
  const read = (name: string): string | undefined => {
    const value = query.get(name)?.trim();
    return value && value.length <= LONGEST ? value : undefined;
  };
  const repo = read('repo');
  const digest = read('digest');
  if (repo === undefined && digest === undefined) return null;
  const revision = read('revision');
  const file = read('file');
  return {
    repo: repo ?? '',
    depth: read('depth') === 'full' ? 'full' : 'headers',
    ...(revision === undefined ? {} : { revision }),
    ...(file === undefined ? {} : { file }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The query for a link; `/`, `:` and `@` stay readable. */
export function formatDeepLink(link: DeepLink): string {
  const query: string[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value) query.push(`${name}=${encodeURIComponent(value).replace(/%(2F|3A|40)/g, decodeURIComponent)}`);
  };
  add('repo', link.repo);
  add('revision', link.revision);
  add('file', link.file);
  if (link.depth !== 'headers') add('depth', link.depth);
  add('digest', link.digest);
  return `?${query.join('&')}`;
}

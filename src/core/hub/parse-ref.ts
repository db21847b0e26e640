import { AppError } from '../errors.ts';
import { PATH_MAX } from '../limits.ts';
import type { HubRef } from './ref.ts';
import { pathFault, repoFault, revisionFault } from './repo-path.ts';

/** Hosts whose addresses name models. */
const HOSTS: readonly string[] = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
/** What stands between a repository and a revision in an address. */
const VERBS: readonly string[] = ['tree', 'blob', 'resolve', 'raw', 'commit', 'commits', 'blame'];
/** Other kinds of repository. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['datasets', 'dataset'],
  ['spaces', 'space'],
  ['buckets', 'bucket'],
]);
/** First parts of addresses that are pages of the site and no names of models. */
const PAGES: readonly string[] =
  'api blog chat collections docs enterprise inference join learn login models new organizations papers pricing posts settings tasks'.split(
    ' ',
  );

/**
 * Reads a reference to a model as people write it:
 * `org/name`, `name`, `org/name@revision`, `hf:org/name@revision/path`, `hf://…`, and addresses of the model's pages and
 * files on huggingface.co or hf.co (`/tree/`, `/blob/`, `/resolve/`, `/raw/`, `/commit/`). A revision with a slash is
 * written with %2F, except `refs/pr/N`.
 *
 * @throws AppError HUB_REFERENCE {reason, text}; reason `dataset`, `space`, `bucket` for other kinds of repository
 */
export function parseHubRef(text: string): HubRef {
  const trimmed = text.trim();
  try {
    if (trimmed.length > PATH_MAX) throw refuse('length');
    const bare = trimmed.replace(/^hf:(?:\/\/)?/i, '');
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(bare)) return fromAddress(bare);
    if (HOSTS.some((host) => bare.toLowerCase().startsWith(`${host}/`))) return fromAddress(`https://${bare}`);
    return fromName(bare);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('HUB_REFERENCE', { ...error.detail, text: trimmed.slice(0, 200) }, error);
  }
}

/** The reference as one text that `parseHubRef` reads back to the same value. */
export function showHubRef(ref: HubRef): string {
  const revision = ref.revision ?? (ref.file === undefined ? undefined : 'main');
  const file = ref.file === undefined ? '' : `/${encodePath(ref.file)}`;
  return ref.repo + (revision === undefined ? '' : `@${encodeURIComponent(revision)}`) + file;
}

/** A repository path for an address: every part encoded, the slashes kept. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function refuse(reason: string): AppError {
  return new AppError('HUB_REFERENCE', { reason });
}

/** `org/name[@revision[/path]]` */
function fromName(text: string): HubRef {
  const at = text.indexOf('@');
  const repo = at < 0 ? text : text.slice(0, at);
  if (at < 0) return checked(repo, undefined, []);
  return checked(
    repo,
    ...splitRevision(
      text
        .slice(at + 1)
        .split('/')
        .map(decode),
    ),
  );
}

function fromAddress(text: string): HubRef {
  // Looked at before the URL parser, which would resolve dot parts (also written %2e) without a word.
  const [raw = ''] = text.slice(text.indexOf('://') + 3).split(/[?#]/, 1);
  if (raw.includes('\\')) throw refuse('characters');
  const parts = raw.split('/').slice(1);
  if (parts.at(-1) === '') parts.pop();
  const host = hostOf(text);
  if (!HOSTS.includes(host)) throw new AppError('HUB_REFERENCE', { reason: 'host', host });
  const [first = '', second] = parts;
  const kind = KINDS.get(first);
  if (kind !== undefined) throw refuse(kind);
  if (PAGES.includes(first)) throw refuse('page');
  // `gpt2/tree/main`: a legacy name without an organisation.
  const words = second !== undefined && VERBS.includes(second) && parts.length > 2 ? 1 : 2;
  const repo = parts.slice(0, words).map(decode).join('/');
  const [verb, ...rest] = parts.slice(words);
  if (verb === undefined) return checked(repo, undefined, []);
  if (!VERBS.includes(verb)) throw refuse('page');
  if (rest.length === 0) return checked(repo, undefined, []);
  return checked(repo, ...splitRevision(rest.map(decode)));
}

function hostOf(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse('address');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('scheme');
  if (url.username !== '' || url.password !== '' || url.port !== '') throw refuse('address');
  return url.hostname;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse('encoding');
  }
}

/** The revision is one part, but pull requests and conversions are three: refs/pr/1, refs/convert/parquet. */
function splitRevision(parts: readonly string[]): [string, readonly string[]] {
  const words = parts[0] === 'refs' && (parts[1] === 'pr' || parts[1] === 'convert') ? 3 : 1;
  return [parts.slice(0, words).join('/'), parts.slice(words)];
}

function checked(repo: string, revision: string | undefined, path: readonly string[]): HubRef {
  const kind = KINDS.get(repo.split('/')[0] ?? '');
  if (kind !== undefined) throw refuse(kind);
  if (repoFault(repo) !== null) throw refuse('repository');
  if (revision !== undefined && revisionFault(revision) !== null) throw refuse('revision');
  // A part that decodes to one with a slash would be another path than the one written.
  if (path.some((part) => part.includes('/'))) throw refuse('path');
  const file = path.join('/');
  if (path.length > 0 && pathFault(file) !== null) throw refuse('path');
  return { repo, ...(revision === undefined ? {} : { revision }), ...(path.length === 0 ? {} : { file }) };
}

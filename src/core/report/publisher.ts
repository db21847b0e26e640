/** Whose model it is: said by the Hub's address or by the person, never by the model itself. */
import { parseHubRef } from '../hub/parse-ref.ts';
import type { Report } from './report.ts';

const HUB = 'huggingface.co';

/**
 * The namespace of a repository of the Hub; null for files from elsewhere, and for old names without one. Another Hub has
 * its own names: its host stands before them.
 *
 * @param endpoint address of the Hub that was asked, when it is another than huggingface.co
 */
export function hubPublisher(repo: string | undefined, endpoint?: string): string | null {
  const [namespace = '', name] = repo?.split('/') ?? [];
  if (namespace === '' || name === undefined) return null;
  const host = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).host : HUB;
  return host === HUB ? namespace : `${host}/${namespace}`;
}

/** Metadata in which a GGUF file says where its model comes from (specification of GGUF, "general metadata"). */
const STATED: readonly string[] = ['general.source.huggingface.repository', 'general.repo_url', 'general.source.url'];

/**
 * The namespace that the files themselves name: the folder of a download, the metadata of a container, a configuration. It
 * is the model's own text, so it is offered to the person and never used by itself; null where they name several, or none.
 *
 * @param more texts that may name a repository, from files the report does not show
 */
export function suggestedPublisher(
  { checks, artifacts }: Pick<Report, 'checks' | 'artifacts'>,
  more: readonly string[] = [],
): string | null {
  const stated = checks.filter(({ kind }) => kind === 'stated-origin').map(({ detail }) => detail?.['repo']);
  const inside = artifacts.flatMap(({ metadata }) =>
    metadata.filter(({ key }) => STATED.includes(key)).map(({ value }) => value),
  );
  const named = [...stated, ...inside, ...more].flatMap((text) => namespaceOf(text) ?? []);
  const distinct = new Set(named.map((name) => name.toLowerCase()));
  return distinct.size === 1 ? named[0]! : null;
}

function namespaceOf(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 300) return null;
  try {
    return hubPublisher(parseHubRef(text).repo);
  } catch {
    return null;
  }
}

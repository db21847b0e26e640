/**
 * Which screen is shown, from the address alone. Screens live behind `#/…` so that any static host serves them;
 * a deep link is a query (`?repo=org/name`), which may be written by hand on a model card.
 */
import { parseDeepLink, type DeepLink } from './deep-link.ts';

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'plan' }
  | { readonly screen: 'progress' }
  | { readonly screen: 'settings' }
  | { readonly screen: 'report'; readonly id: string }
  /** A report somebody else made, in the fragment: no server has seen it. */
  | { readonly screen: 'shared'; readonly packed: string }
  | { readonly screen: 'link'; readonly link: DeepLink };

const SHARED = '#report=';

export function parseRoute(at: { readonly hash: string; readonly search: string }): Route {
  if (at.hash.startsWith(SHARED)) return { screen: 'shared', packed: at.hash.slice(SHARED.length) };
  const [, name = '', id = ''] = /^#\/([a-z]*)(?:\/([\w-]{1,64}))?$/.exec(at.hash) ?? [];
  if (name === 'plan' || name === 'progress' || name === 'settings') return { screen: name };
  if (name === 'report' && id !== '') return { screen: 'report', id };
  const link = at.hash === '' ? parseDeepLink(at.search) : null;
  return link ? { screen: 'link', link } : { screen: 'home' };
}

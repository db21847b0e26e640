/**
 * Which screen is shown, from the address alone. Screens live behind `#/…` so that any static host serves them;
 * a deep link is a query (`?repo=org/name`), which may be written by hand on a model card.
 */
import { parseAttestation, type AttestationPlace } from './attestation-link.ts';
import { findCompareLink } from './compare-link.ts';
import { parseContents, type ContentsPlace } from './contents-link.ts';
import { parseDeepLink, type DeepLink } from './deep-link.ts';

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'plan' }
  | { readonly screen: 'progress' }
  | { readonly screen: 'settings' }
  /** A sequence of training checkpoints. */
  | { readonly screen: 'checkpoints' }
  | { readonly screen: 'report'; readonly id: string }
  /** What is inside the files of a report. */
  | ({ readonly screen: 'contents' } & ContentsPlace)
  /** One signature or record of a report, by its place among them. */
  | ({ readonly screen: 'attestation' } & AttestationPlace)
  /** Two models; `link`: what stands behind `?compare=`; `report`: the one whose model is the first. */
  | { readonly screen: 'compare'; readonly link: string | null; readonly report: string | null }
  /** Relatives of the model of a report, or of one to be chosen. */
  | { readonly screen: 'lineage'; readonly report: string | null }
  /** A report somebody else made, in the fragment: no server has seen it. */
  | { readonly screen: 'shared'; readonly packed: string }
  | { readonly screen: 'link'; readonly link: DeepLink };

const SHARED = '#report=';

export function parseRoute(at: { readonly hash: string; readonly search: string }): Route {
  if (at.hash.startsWith(SHARED)) return { screen: 'shared', packed: at.hash.slice(SHARED.length) };
  const contents = parseContents(at.hash);
  if (contents !== null) return { screen: 'contents', ...contents };
  const attestation = parseAttestation(at.hash);
  if (attestation !== null) return { screen: 'attestation', ...attestation };
  const [, name = '', id = ''] = /^#\/([a-z]*)(?:\/([\w-]{1,64}))?$/.exec(at.hash) ?? [];
  if (name === 'plan' || name === 'progress' || name === 'settings' || name === 'checkpoints') return { screen: name };
  if (name === 'report' && id !== '') return { screen: 'report', id };
  if (name === 'lineage') return { screen: 'lineage', report: id === '' ? null : id };
  const compare = at.hash === '' ? findCompareLink(at.search) : null;
  if (name === 'compare' || compare !== null)
    return { screen: 'compare', link: compare, report: id === '' ? null : id };
  const link = at.hash === '' ? parseDeepLink(at.search) : null;
  return link ? { screen: 'link', link } : { screen: 'home' };
}

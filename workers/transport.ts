import type { HttpTransport } from '../src/core/bytes/transport.ts';
import type { NetworkEvent } from '../src/core/progress.ts';
import { SECURITY_POLICY } from './security-policy.ts';

/**
 * Hosts that the policy lets this program ask, from the policy itself. The browser enforces it; asking first only makes
 * the refusal tell its name, where `fetch` would say no more than "failed".
 *
 * @param own origin of this site
 */
export function allowedByPolicy(policy: string, own: string): (url: URL) => boolean {
  const connect = policy
    .split(';')
    .map((directive) => directive.trim().split(/\s+/))
    .find(([name]) => name === 'connect-src');
  const sources = connect?.slice(1) ?? [];
  return (url) => sources.some((source) => (source === "'self'" ? url.origin === own : matches(source, url)));
}

/** `https://host` or `https://*.host` (CSP 3, 6.7.2.9): a star stands for one or more labels, never for none. */
function matches(source: string, url: URL): boolean {
  const [scheme, host = ''] = source.split('://');
  if (url.protocol !== `${scheme}:` || url.port !== '') return false;
  return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host;
}

/** The browser's network for one job. */
export function browserTransport(network: (event: NetworkEvent) => void): HttpTransport {
  return {
    fetchFn: (url, init) => fetch(url, init),
    network,
    allows: allowedByPolicy(SECURITY_POLICY, self.location.origin),
    online: () => navigator.onLine,
  };
}

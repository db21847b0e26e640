/** The address as state: reading it, and going elsewhere. */
import { parseRoute, type Route } from './links/route.ts';

export class Router {
  route: Route = $state.raw({ screen: 'home' });

  constructor() {
    const read = (): void => {
      this.route = parseRoute(location);
    };
    read();
    addEventListener('popstate', read);
    addEventListener('hashchange', read);
    // Links between screens drop a deep link's query; the browser alone would keep it.
    addEventListener('click', (event) => {
      if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const link = event.target instanceof Element ? event.target.closest('a[href^="#/"]') : null;
      if (!link) return;
      event.preventDefault();
      this.go(link.getAttribute('href') ?? '#/');
    });
  }

  /** `to`: `#/settings`, or `?repo=…`. The path stays what the host made it. `stay`: another place of the same screen. */
  go(to: string, options: { readonly replace?: boolean; readonly stay?: boolean } = {}): void {
    const address = location.pathname + to;
    if (options.replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    this.route = parseRoute(location);
    if (!options.replace && !options.stay) scrollTo(0, 0);
  }

  /** The same place in another report. False when the address is of none, or of some other report. */
  follow(before: string, id: string): boolean {
    const { route } = this;
    if ((route.screen !== 'report' && route.screen !== 'attestation') || route.id !== before) return false;
    this.go(location.hash.replace(`/${before}`, `/${id}`), { replace: true });
    return true;
  }

  /** Rewrites the address in place without leaving the screen. */
  rewrite(to: string): void {
    history.replaceState(null, '', location.pathname + to);
  }
}

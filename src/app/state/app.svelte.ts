/** Everything that lives as long as the page. Screens get it from the context. */
import { Router } from '../router.svelte.ts';
import type { Sequence } from './checkpoints.svelte.ts';
import type { Comparing } from './compare.svelte.ts';
import type { Relatives } from './compare-relatives.svelte.ts';
import type { WorkHost } from './compare-side.svelte.ts';
import { Database } from './database.svelte.ts';
import { NetworkLog } from './network-log.svelte.ts';
import { Offline } from './offline.svelte.ts';
import { Recent } from './recent.svelte.ts';
import { Session } from './session.svelte.ts';
import { Settings } from './settings.svelte.ts';
import { TrustRoots } from './trust-roots.svelte.ts';
import { Signers } from './signers.svelte.ts';

export class App {
  readonly router = new Router();
  readonly settings = new Settings();
  readonly network = new NetworkLog();
  readonly database = new Database();
  readonly recent = new Recent();
  readonly offline = new Offline();
  readonly signers = new Signers();
  readonly trustRoots: TrustRoots = new TrustRoots({
    engine: () => this.session.engine(),
    network: (event) => this.network.add(event),
    announce: (text) => this.announce(text),
  });
  readonly session: Session = new Session({
    signers: this.signers,
    token: () => this.settings.token,
    network: (event) => this.network.add(event),
    keep: (report) => this.recent.add(report),
    go: (to, options) => this.router.go(to, options),
    rewrite: (to) => this.router.rewrite(to),
    announce: (text) => this.announce(text),
    screen: () => this.router.route.screen,
    follow: (before, id) => this.router.follow(before, id),
    database: () => this.database.url,
    trust: this.trustRoots,
  });

  /** What comparing needs of the rest; their states are made when their screens are first opened. */
  readonly workHost: WorkHost = {
    engine: () => this.session.engine(),
    token: () => this.settings.token,
    network: (event) => this.network.add(event),
    announce: (text) => this.announce(text),
    database: () => this.database.url,
  };
  comparing: Comparing | null = null;
  relatives: Relatives | null = null;
  sequence: Sequence | null = null;

  /** Read out by the one live region. */
  announcement = $state('');

  announce(text: string): void {
    // The same words twice would not be read twice: a no-break space makes them new.
    this.announcement = this.announcement === text ? `${text}\u00a0` : text;
  }
}

/**
 * What signatures are checked with besides what is given to one check: Sigstore's public-good trust root, shipped or
 * renewed, and what a person keeps. Read from storage when it is needed; without storage it lives until the page closes.
 */
import { AppError, toErrorData, type ErrorData } from '../../core/errors.ts';
import { KEPT_TRUST_MAX } from '../../core/limits.ts';
import type { NetworkEvent } from '../../core/progress.ts';
import type { KeptItem } from '../../core/claims/attestations/kept-item.ts';
import type { UpdatedRoot } from '../../core/claims/attestations/sigstore/public-root.ts';
import type { PublicRootFacts } from '../../core/claims/attestations/trust-facts.ts';
import type { StoredTrust, TrustAnswer, TrustRequest } from '../../core/claims/attestations/trust-request.ts';
import type { Report } from '../../core/report/report.ts';
import type { Engine } from '../engine/client.ts';
import type { TrustDb } from '../storage/trust-db.ts';
import { Persisted } from './persisted.svelte.ts';

export interface TrustRootsHost {
  engine(): Promise<Engine>;
  network(event: NetworkEvent): void;
  announce(text: string): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isDay = (value: unknown): value is string => typeof value === 'string' && /^(?:|\d{4}-\d{2}-\d{2})$/.test(value);

export class TrustRoots {
  items: readonly KeptItem[] = $state.raw([]);
  /** Null until it is known. */
  root: PublicRootFacts | null = $state.raw(null);
  updating = $state(false);
  /** What the last update came to, or why it came to nothing. */
  result: 'same' | 'newer' | ErrorData | null = $state.raw(null);
  /** False once storing failed: said in Settings. */
  stored = $state(true);

  readonly #host: TrustRootsHost;
  readonly #automatic = new Persisted<boolean>('trust-update', false, isFlag);
  /** Day of a signature that needed a newer root; empty: none. */
  readonly #wanted = new Persisted<string>('trust-wanted', '', isDay);
  #updated: UpdatedRoot | null = null;
  #loaded: Promise<void> | null = null;
  #db: Promise<TrustDb> | null = null;

  constructor(host: TrustRootsHost) {
    this.#host = host;
  }

  /** True: asked for once a day when there is a network. Off unless the person switches it on. */
  get automatic(): boolean {
    return this.#automatic.current;
  }

  set automatic(on: boolean) {
    this.#automatic.current = on;
    if (on) void this.updateIfDue();
  }

  get wanted(): string {
    return this.#wanted.current;
  }

  /** Everything that is kept, for one check; undefined when there is nothing. Never rejects. */
  async storedTrust(): Promise<StoredTrust | undefined> {
    await this.#load();
    const { items } = this;
    return items.length === 0 && this.#updated === null ? undefined : { items, updated: this.#updated };
  }

  /** Remembers that a signature needed a newer trust root. */
  looked({ attestations }: Report): void {
    for (const { reason } of attestations.flatMap(({ steps }) => steps)) {
      const day = reason?.code === 'ATTEST_NO_CURRENT_ROOT' ? reason.detail['signedAt'] : undefined;
      if (isDay(day) && day > this.wanted) this.#wanted.current = day;
    }
  }

  /** For Settings. */
  async open(): Promise<void> {
    await this.#load();
    await this.#describe();
  }

  /** Asks Sigstore's repository. What was there stays in use until all of the new holds. */
  async update(): Promise<void> {
    if (this.updating) return;
    this.updating = true;
    this.result = null;
    await this.#load();
    try {
      const before = this.#updated?.sha256 ?? this.root?.sha256;
      const found = await this.#ask({ ask: 'update', kept: this.#updated, now: new Date().toISOString() });
      this.#updated = found;
      await this.#store((db) => db.keepUpdated(found));
      await this.#describe();
      if (this.root !== null && this.wanted <= this.root.date.slice(0, 10)) this.#wanted.current = '';
      this.result = found.sha256 === before ? 'same' : 'newer';
    } catch (error) {
      this.result = toErrorData(error);
    }
    this.updating = false;
  }

  /** Where the person switched it on, there is a network, and the last update is a day old. */
  async updateIfDue(): Promise<void> {
    if (!this.automatic || !navigator.onLine) return;
    await this.#load();
    const last = this.#updated === null ? 0 : Date.parse(this.#updated.updated);
    if (Date.now() - last > DAY_MS) await this.update();
  }

  /** @throws AppError TRUST_KEPT */
  async add(name: string, bytes: Uint8Array): Promise<void> {
    await this.#load();
    const item = await this.#ask({ ask: 'item', name, bytes, now: new Date().toISOString() });
    const others = this.items.filter(({ sha256 }) => sha256 !== item.sha256);
    if (others.length >= KEPT_TRUST_MAX)
      throw new AppError('TRUST_KEPT', { why: `${KEPT_TRUST_MAX} are kept already` });
    // Shown as kept once it is: a page closed in between must not have promised anything.
    await this.#store((db) => db.add(item));
    this.items = [...others, item];
    this.#host.announce(`${item.name} is kept`);
  }

  async remove({ sha256, name }: KeptItem): Promise<void> {
    await this.#store((db) => db.remove(sha256));
    this.items = this.items.filter((item) => item.sha256 !== sha256);
    this.#host.announce(`${name} was removed`);
  }

  /** Back to what is shipped. */
  async clear(): Promise<void> {
    this.items = [];
    this.#updated = null;
    this.#automatic.current = false;
    this.#wanted.current = '';
    this.result = null;
    await this.#store((db) => db.clear());
    if (this.root !== null) await this.#describe();
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#store(async (db) => {
      const [items, updated] = await Promise.all([db.items(), db.updated()]);
      this.items = items;
      this.#updated = updated;
    });
    return this.#loaded;
  }

  async #describe(): Promise<void> {
    this.root = await this.#ask({ ask: 'public', kept: this.#updated }).catch(() => this.root);
  }

  async #ask<R extends TrustRequest>(request: R): Promise<TrustAnswer<R>> {
    const engine = await this.#host.engine();
    const signal = new AbortController().signal;
    return engine.trust(request, { signal, network: (event) => this.#host.network(event) });
  }

  async #store(work: (db: TrustDb) => Promise<unknown>): Promise<void> {
    this.#db ??= import('../storage/trust-db.ts').then(({ TrustDb }) => new TrustDb());
    try {
      await work(await this.#db);
      this.stored = true;
    } catch {
      this.stored = false;
    }
  }
}

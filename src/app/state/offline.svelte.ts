/**
 * The service worker from the page's side: is everything stored for use without a network, is an update waiting.
 * An update is offered and applied when the person says so; never silently, never during a run.
 */
import type { FillReply, ShellCommand } from '../../../workers/shell-protocol.ts';

/** Chromium's event; other browsers install from their own menus. */
interface Installer extends Event {
  prompt(): Promise<unknown>;
}

export type OfflineState = 'unknown' | 'unsupported' | 'storing' | 'ready' | 'incomplete';

/** False when the first version could not be stored: a file did not arrive, or the disk is full. */
async function installed(registration: ServiceWorkerRegistration): Promise<boolean> {
  const installing = registration.installing ?? registration.waiting;
  if (registration.active || !installing) return true;
  return new Promise((resolve) => {
    installing.addEventListener('statechange', () => {
      if (installing.state === 'activated') resolve(true);
      if (installing.state === 'redundant') resolve(false);
    });
  });
}

/** The browser may end a service worker in the middle: no word for this long means that it did. */
const SILENCE_MS = 60_000;

export class Offline {
  state: OfflineState = $state('unknown');
  /** Files stored of those needed, while storing. */
  stored = $state(0);
  total = $state(0);
  /** A newer version is downloaded and waits. */
  updateWaiting = $state(false);
  online = $state(navigator.onLine);

  /** The browser's own installation dialog, when it offers one. */
  installer: Installer | null = $state.raw(null);

  #registration: ServiceWorkerRegistration | null = null;

  constructor() {
    addEventListener('online', () => {
      this.online = true;
      if (this.state === 'incomplete') void this.retry();
    });
    addEventListener('offline', () => (this.online = false));
    addEventListener('beforeinstallprompt', (event) => {
      // Not in the way: Settings has the button.
      event.preventDefault();
      this.installer = event as Installer;
    });
    addEventListener('appinstalled', () => (this.installer = null));
  }

  /** Called when the first screen stands: storing must not compete with it. */
  async start(): Promise<void> {
    if (!('serviceWorker' in navigator)) {
      this.state = 'unsupported';
      return;
    }
    try {
      const registration = await navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI), {
        scope: './',
      });
      this.#registration = registration;
      this.#watch(registration);
      if (await installed(registration)) await this.fill();
      else this.state = 'incomplete';
    } catch {
      // Refused (a private window, an odd host) or not built (development server).
      this.state = 'unsupported';
    }
  }

  /** Once more, after something did not arrive. */
  async retry(): Promise<void> {
    await (this.#registration?.active ? this.fill() : this.start());
  }

  /** Stores everything that is not stored yet. Runs in the service worker; interrupted, it goes on where it was. */
  async fill(): Promise<void> {
    const worker = this.#registration?.active;
    if (!worker) return;
    if (this.state !== 'ready') this.state = 'storing';
    const { port1, port2 } = new MessageChannel();
    await new Promise<void>((resolve) => {
      let silence: ReturnType<typeof setTimeout> | undefined;
      const settle = (state: OfflineState): void => {
        clearTimeout(silence);
        this.state = state;
        resolve();
      };
      const wait = (): void => {
        clearTimeout(silence);
        silence = setTimeout(() => settle('incomplete'), SILENCE_MS);
      };
      port1.addEventListener('message', ({ data }: MessageEvent<FillReply>) => {
        this.stored = data.stored;
        this.total = data.total;
        if (data.done) settle(data.stored === data.total ? 'ready' : 'incomplete');
        else wait();
      });
      wait();
      port1.start();
      worker.postMessage({ type: 'fill' } satisfies ShellCommand, [port2]);
    });
    port1.close();
  }

  async checkForUpdate(): Promise<void> {
    await this.#registration?.update();
  }

  /** Lets the waiting version take over and reloads into it. */
  applyUpdate(): void {
    const waiting = this.#registration?.waiting;
    if (!waiting) return;
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
    waiting.postMessage({ type: 'activate' } satisfies ShellCommand);
  }

  /** Removes the stored program and data; the next visit starts from the network. */
  async forget(): Promise<void> {
    await this.#registration?.unregister();
    for (const name of await caches.keys()) if (name.startsWith('assay')) await caches.delete(name);
    this.state = 'unknown';
    this.stored = 0;
  }

  #watch(registration: ServiceWorkerRegistration): void {
    // Without a controller this is the first visit: what installs is not an update.
    const look = (): void => {
      this.updateWaiting = registration.waiting !== null && navigator.serviceWorker.controller !== null;
    };
    look();
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', look);
    });
  }
}

/** What is known about the database before any look-up: its date and size, from the manifest that came with the app. */
import type { DatabaseInfo } from '../../core/report/report.ts';
import type { NetworkLog } from './network-log.svelte.ts';

/** Next to index.html, whatever path the site lives under. */
export const DATABASE_PATH = 'db/';

export class Database {
  info: DatabaseInfo | null = $state.raw(null);
  /** False until the manifest was asked for. */
  asked = $state(false);

  /** Absolute, because workers start from a blob and have no address of their own to start from. */
  readonly url = new URL(DATABASE_PATH, document.baseURI).href;

  async read(network: NetworkLog): Promise<void> {
    try {
      const manifest = await network.read(new URL('manifest.json', this.url).href);
      this.info = describe(JSON.parse(await manifest.text()));
    } catch {
      // Offline before the first visit was complete, or no database: said in the footer.
    }
    this.asked = true;
  }
}

/** Only what the footer shows; the engine judges the manifest itself. */
function describe(manifest: unknown): DatabaseInfo | null {
  if (typeof manifest !== 'object' || manifest === null) return null;
  const { id, created, counts } = manifest as Record<string, unknown>;
  const files =
    typeof counts === 'object' && counts !== null ? (counts as Record<string, unknown>)['files'] : undefined;
  if (typeof id !== 'string' || typeof created !== 'string') return null;
  return { id, created, files: typeof files === 'number' ? files : 0 };
}

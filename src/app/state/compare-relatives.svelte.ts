/** One model against the catalogue: picking, reading, the nearest entries. Lives as long as the page. */
import { toErrorData, type ErrorData } from '../../core/errors.ts';
import type { LineageResult } from '../../core/report/lineage.ts';
import type { DeepPlace } from '../../core/scan/compare-request.ts';
import type { PickedFile } from '../intake/picked.ts';
import { Side, type WorkHost } from './compare-side.svelte.ts';
import { Work } from './compare-work.svelte.ts';

/** Where the Kit publishes the weight signals of its catalogue. Read by ranges, and only when a person says so. */
export const PUBLISHED_SIGNALS =
  'https://huggingface.co/datasets/cisco-ai/model-provenance-kit/resolve/main/deep-signals.zip';
/** More matches than the Kit's three: the fourth may be the one a person looks for. */
const MATCHES = 10;

export class Relatives {
  readonly side: Side;
  /** Where weight signals of the catalogue are looked for, and the words for it. */
  deep: DeepPlace = $state.raw({ kind: 'none' });
  deepName = $state('');
  work: Work | null = $state.raw(null);
  result: LineageResult | null = $state.raw(null);
  error: ErrorData | null = $state.raw(null);
  readonly ready = $derived(this.#planned());

  readonly #host: WorkHost;

  constructor(host: WorkHost) {
    this.#host = host;
    this.side = new Side(host);
  }

  async start(): Promise<void> {
    const { plan, bytes } = this.side;
    if (!plan || this.work) return;
    this.error = null;
    const work = (this.work = new Work(`Looking for relatives of ${plan.name}`, bytes, this.#host.announce));
    try {
      const engine = await this.#host.engine();
      const result = await engine.lineage(
        {
          model: plan,
          database: this.#host.database(),
          deep: this.deep,
          top: MATCHES,
          now: new Date().toISOString(),
        },
        {
          signal: work.control.signal,
          progress: (update) => work.show(update),
          network: (event) => this.#host.network(event),
        },
      );
      if (this.work === work) this.result = result;
    } catch (error) {
      if (this.work === work) this.error = toErrorData(error);
    } finally {
      if (this.work === work) this.work = null;
    }
  }

  stop(): void {
    this.work?.stop();
  }

  /** The Kit's zip, or its folder with catalogue and signals, from this device. */
  useFiles(name: string, files: readonly PickedFile[]): void {
    const [only] = files;
    const zip = files.length === 1 && only && /[.]zip$/i.test(only.path) ? only : null;
    this.deep = zip
      ? { kind: 'zip', spec: { kind: 'file', name: zip.path, file: zip.file } }
      : {
          kind: 'folder',
          files: files.map(({ path, file }) => ({
            path,
            size: file.size,
            spec: { kind: 'file' as const, name: path, file },
          })),
        };
    this.deepName = zip ? zip.path : name;
  }

  /** After consent: the published zip, of which only the needed parts are read. */
  usePublished(): void {
    this.deep = { kind: 'zip', spec: { kind: 'http', name: 'deep-signals.zip', url: PUBLISHED_SIGNALS } };
    this.deepName = 'the published signals on Hugging Face';
  }

  useNone(): void {
    this.deep = { kind: 'none' };
    this.deepName = '';
  }

  /** Back to picking; the model stays. */
  restart(): void {
    this.work?.control.abort();
    this.work = null;
    this.result = null;
    this.error = null;
  }

  #planned(): boolean {
    return this.side.plan !== null && this.side.error === null;
  }
}

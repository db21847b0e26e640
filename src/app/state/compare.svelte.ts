/** Two models side by side: picking, reading, result. Lives as long as the page, so that a result survives other screens. */
import { toErrorData, type ErrorData } from '../../core/errors.ts';
import type { HubRef } from '../../core/hub/ref.ts';
import type { ModelComparison } from '../../core/report/comparison.ts';
import { comparisonWords } from '../../core/report/words/comparison.ts';
import type { CompareRequest } from '../../core/scan/compare-request.ts';
import type { Plan } from '../../core/scan/model.ts';
import { formatCompareLink, readCompareLink } from '../links/compare-link.ts';
import { Side, type WorkHost } from './compare-side.svelte.ts';
import { Work } from './compare-work.svelte.ts';

export type CompareDepth = CompareRequest['depth'];

export class Comparing {
  readonly sides: readonly [Side, Side];
  depth: CompareDepth = $state('tensors');
  work: Work | null = $state.raw(null);
  result: ModelComparison | null = $state.raw(null);
  /** The result came out of a file: shown, not vouched for. */
  elsewhere = $state(false);
  error: ErrorData | null = $state.raw(null);
  readonly ready = $derived(this.#bothPlanned());
  /** Of both, when both are at hand. */
  readonly plans = $derived(this.#plans());
  /** Bytes that will be read, at most. */
  readonly bytes = $derived(this.#bytes());

  readonly #host: WorkHost;
  /** The link that was opened last, so that coming back to it does not start over. */
  #opened = '';

  constructor(host: WorkHost) {
    this.#host = host;
    this.sides = [new Side(host), new Side(host)];
  }

  /** A deep link: both sides are looked up, nothing is read before the person says so. */
  async open(link: string): Promise<void> {
    if (link === this.#opened) return;
    this.#opened = link;
    this.restart();
    try {
      const refs = readCompareLink(link);
      await Promise.all(refs.map((ref, i) => ref && this.sides[i]!.chooseHub(ref)));
    } catch (error) {
      this.error = toErrorData(error);
    }
  }

  /** The address that names what is picked for good; null unless it is all on the Hub. Coming back to it changes nothing. */
  pin(): string | null {
    const [a, b] = this.sides.map(({ ref }) => ref) as [HubRef | null, HubRef | null];
    if (a === null && b === null) return null;
    // A side from this device cannot be in a link.
    if (this.sides.some(({ intake, ref }) => intake !== null && ref === null)) return null;
    const link = formatCompareLink(a, b);
    this.#opened = new URLSearchParams(link).get('compare') ?? '';
    return link;
  }

  async start(): Promise<void> {
    const [a, b] = this.sides.map(({ plan }) => plan);
    if (!a || !b || this.work) return;
    this.error = null;
    this.result = null;
    this.elsewhere = false;
    const work = (this.work = new Work(`Comparing ${a.name} with ${b.name}`, this.bytes, this.#host.announce));
    try {
      const engine = await this.#host.engine();
      const result = await engine.compare(
        { models: [a, b], depth: this.depth, now: new Date().toISOString() },
        {
          signal: work.control.signal,
          progress: (update) => work.show(update),
          network: (event) => this.#host.network(event),
        },
      );
      if (this.work === work) this.#show(result);
    } catch (error) {
      if (this.work === work) this.error = toErrorData(error);
    } finally {
      if (this.work === work) this.work = null;
    }
  }

  stop(): void {
    this.work?.stop();
  }

  /** A result that was saved before. */
  showSaved(result: ModelComparison): void {
    this.restart();
    for (const side of this.sides) side.clear();
    this.elsewhere = true;
    this.result = result;
  }

  /** Back to picking; what was picked stays. */
  restart(): void {
    this.work?.control.abort();
    this.work = null;
    this.result = null;
    this.elsewhere = false;
    this.error = null;
  }

  /** A becomes B. */
  swap(): void {
    const [a, b] = this.sides;
    [a.intake, b.intake] = [b.intake, a.intake];
    [a.plan, b.plan] = [b.plan, a.plan];
  }

  #show(result: ModelComparison): void {
    this.result = result;
    this.#host.announce(comparisonWords(result).sentence);
  }

  #bothPlanned(): boolean {
    return this.sides.every(({ plan, error }) => plan !== null && error === null);
  }

  #plans(): readonly [Plan, Plan] | null {
    const [a, b] = this.sides.map(({ plan }) => plan);
    return a && b ? [a, b] : null;
  }

  #bytes(): number {
    const weights = this.sides[0].bytes + this.sides[1].bytes;
    // Once for the signals, and once side by side.
    return this.depth === 'tensors' ? 2 * weights : weights;
  }
}

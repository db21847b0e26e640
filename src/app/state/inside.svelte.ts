/** A report together with its files, while those are at hand: what the Contents screen looks into. */
import type { NetworkEvent, Progress } from '../../core/progress.ts';
import type { Report, ReportArtifact } from '../../core/report/report.ts';
import type { LookAnswer, LookFile, LookKind, Looks, LookRequest } from '../../core/scan/look/model.ts';
import { formatDeepLink } from '../links/deep-link.ts';
import { formatContents, type ContentsPlace, type ContentsView } from '../links/contents-link.ts';
import type { App } from './app.svelte.ts';

interface Listener {
  readonly signal: AbortSignal;
  readonly progress?: (update: Progress) => void;
}

export class Inside {
  readonly id: string;
  readonly report: Report;
  readonly #app: App;

  constructor(app: App, id: string, report: Report) {
    this.#app = app;
    this.id = id;
    this.report = report;
  }

  /** False: values, bytes and files beside the weights cannot be read any more, only what the report holds. */
  get atHand(): boolean {
    return this.#app.session.atHand(this.id) !== null;
  }

  /** Where the files can be had again: a repository by its commit, of which the headers are enough to look closer. */
  get again(): string {
    const { repo, commit } = this.report.subject;
    return repo && commit ? formatDeepLink({ repo, revision: commit, depth: 'headers' }) : '#/';
  }

  /** Null when the file is not at hand. */
  file(path: string): LookFile | null {
    const found = this.#app.session.atHand(this.id)?.plan.artifacts.find((artifact) => artifact.path === path);
    return found === undefined ? null : { path, spec: found.spec };
  }

  artifact(place: number | null): ReportArtifact | undefined {
    return place === null ? undefined : this.report.artifacts[place];
  }

  placeOf(path: string): number | null {
    const place = this.report.artifacts.findIndex((artifact) => artifact.path === path);
    return place < 0 ? null : place;
  }

  /** Files in the folder of another that may hold bytes of its tensors or say how they are quantised. */
  beside(path: string, elsewhere: string | undefined): readonly LookFile[] {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return [`${folder}config.json`, ...(elsewhere === undefined ? [] : [elsewhere])].flatMap(
      (one) => this.file(one) ?? [],
    );
  }

  /** @throws AppError SOURCE_*, FORMAT_*, ENGINE_*; SOURCE_ABORTED when stopped */
  async look<K extends LookKind>(kind: K, ask: Looks[K]['ask'], listener: Listener): Promise<LookAnswer<K>> {
    const engine = await this.#app.session.engine();
    const network = (event: NetworkEvent): void => this.#app.network.add(event);
    return engine.look({ kind, ...ask } as unknown as LookRequest<K>, { ...listener, network });
  }

  address(view: ContentsView, file: number | null = null, at: number | null = null): string {
    return formatContents({ id: this.id, view, file, at });
  }

  /** Goes to another place of this screen without scrolling. */
  show(place: Omit<ContentsPlace, 'id'>, replace = false): void {
    this.#app.router.go(formatContents({ id: this.id, ...place }), { stay: true, replace });
  }
}

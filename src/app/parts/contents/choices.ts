/** Which files of a report each view of its contents can show. */
import type { Report, ReportArtifact } from '../../../core/report/report.ts';
import type { ContentsView } from '../../links/contents-link.ts';

export interface Choices {
  /** Places among the report's files, those with most to show first. */
  readonly files: readonly number[];
  /** The view can show all of them at once. */
  readonly all: boolean;
}

/** Text that can be shown as it is. */
const READABLE = /\.(?:cfg|ini|jinja2?|json|jsonl|md|py|toml|txt|ya?ml)$/i;

export function choices({ artifacts, findings }: Pick<Report, 'artifacts' | 'findings'>, view: ContentsView): Choices {
  const where = (wanted: (artifact: ReportArtifact) => boolean): number[] =>
    artifacts.flatMap((artifact, place) => (wanted(artifact) ? [place] : []));
  switch (view) {
    case 'tensors': {
      const files = where(({ tensors }) => tensors.length > 0);
      return { files, all: files.length > 1 };
    }
    case 'map':
      // Plain data of another file has a map as well: that file says whose bytes they are.
      return {
        files: where(({ format, facts }) => format !== undefined || facts['data_of'] !== undefined),
        all: false,
      };
    case 'metadata': {
      const weights = where(({ format }) => format !== undefined);
      const beside = where(({ role, path, size }) => role !== 'weights' && READABLE.test(path) && size > 0);
      return { files: [...weights, ...beside], all: false };
    }
    case 'texts':
      return { files: [], all: true };
    case 'findings': {
      const found = new Set(findings.map(({ path }) => path));
      return { files: where(({ path, imports }) => found.has(path) || (imports?.length ?? 0) > 0), all: true };
    }
  }
}

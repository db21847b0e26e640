/** Records without a signature: `dvc` and `mlem`. */
import { only, verdictOf, type Case, type Corpus } from '../corpus.ts';

interface RecordCase extends Case {
  readonly file: string;
  readonly data?: string;
  readonly dir_object?: string;
  readonly matched_by?: readonly string[];
  readonly findings?: Readonly<Partial<Record<'changed' | 'missing' | 'extra', readonly string[]>>>;
}

export const dvc: Corpus<RecordCase> = {
  name: 'dvc',
  job(one, files) {
    const record = files.file(one.file);
    const data = one.data === undefined ? [] : files.files(one.data);
    // A recorded folder has its own name before the paths in it; a single file has the name that the record gives.
    const folder = one['kind'] === 'directory' ? `${one.data!.split('/').at(-1)}/` : '';
    const listed = data.map((file) => ({ ...file, path: folder + file.path }));
    const object = one.dir_object === undefined ? [] : [files.file(one.dir_object)];
    return { kind: 'dvc', attestation: record, files: [...listed, ...object, record], expect: {} };
  },
  compare(one, examined) {
    const found = only(examined);
    if (typeof found === 'string') return [found];
    const verdict = verdictOf(found);
    if (verdict !== one.expect) return [`${verdict} instead of ${one.expect}`];
    const lines: string[] = [];
    const rules = String(found.facts['matchedBy'] ?? '');
    if (one.matched_by !== undefined && rules !== [...one.matched_by].sort().join(', ')) {
      lines.push(`matched by ${rules} instead of ${one.matched_by.join(', ')}`);
    }
    for (const [state, paths] of Object.entries(one.findings ?? {})) {
      const actual = found.files.filter((file) => file.state === state).map(({ path }) => path.replace(/^[^/]*\//, ''));
      if (actual.join('|') !== paths.join('|'))
        lines.push(`${state}: ${actual.join(', ')} instead of ${paths.join(', ')}`);
    }
    return lines;
  },
};

export const mlem: Corpus<RecordCase> = {
  name: 'mlem',
  job(one, files) {
    const record = files.file(one.file);
    // The record names its data by its own name without the ending, wherever a case takes the bytes from.
    const name = record.path.replace(/\.mlem$/, '');
    const data = one.data === undefined ? [] : [files.file(one.data, name)];
    return { kind: 'mlem', attestation: record, files: [...data, record], expect: {} };
  },
  compare(one, examined) {
    const found = only(examined);
    if (typeof found === 'string') return [found];
    const verdict = verdictOf(found);
    const type = one['object_type'];
    if (verdict !== one.expect) return [`${verdict} instead of ${one.expect}`];
    return type === undefined || found.facts['objectType'] === type
      ? []
      : [`object type ${String(found.facts['objectType'])}`];
  },
};

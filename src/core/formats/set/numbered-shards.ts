import { AppError } from '../../errors.ts';
import type { ModelSet, SetMember, SetNotes } from '../set.ts';
import { groupNumbered, partName } from './paths.ts';

/** More missing parts than this are counted, not named. */
const NAMED_MAX = 100;

/** Shards whose own names say how many there are, where no index names them: which ones are missing. */
export function judgeNumberedShards(
  members: readonly SetMember[],
  indexed: ReadonlySet<string>,
  notes: SetNotes,
): void {
  judgeSeries(members, indexed, '.safetensors', 'safetensors-sharded', notes);
  judgeSeries(members, indexed, '.bin', 'pytorch-sharded', notes);
}

function judgeSeries(
  members: readonly SetMember[],
  indexed: ReadonlySet<string>,
  extension: string,
  kind: ModelSet['kind'],
  notes: SetNotes,
): void {
  for (const { base, count, parts } of groupNumbered(members, extension).values()) {
    const files = [...parts.values()].map(({ path }) => path).sort();
    if (files.every((path) => indexed.has(path))) continue;
    missingParts(base, count, parts, extension, notes);
    if (!files.some((path) => indexed.has(path))) notes.set({ kind, files, metadata: {} });
  }
}

/** Notes each missing part, in the first part that is there. */
export function missingParts(
  base: string,
  count: number,
  parts: ReadonlyMap<number, SetMember>,
  extension: string,
  notes: SetNotes,
): void {
  const first = parts.get(Math.min(...parts.keys()))!;
  let named = 0;
  for (let number = 1; number <= count && named < NAMED_MAX; number++) {
    if (parts.has(number)) continue;
    named++;
    const file = partName(base, number, count, extension);
    notes.error(
      first.path,
      new AppError('FORMAT_MISSING_FILE', { file, source: first.path, parts: count, present: parts.size }),
    );
  }
}

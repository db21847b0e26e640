import type { ByteSource } from '../../bytes/source.ts';
import { scanPickles, type PickleScanOptions } from '../../content/pickle/scan.ts';
import { AppError } from '../../errors.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import { scanArchiveBytes, type ContentReport } from '../archive-content.ts';
import { arrayPayload, pickledArrays } from '../pickled-arrays.ts';

/** What an array of Python objects holds. */
export interface ObjectContent {
  /** Arrays of numbers inside the objects, under their names there; empty when there are none. */
  readonly entries: readonly TensorEntry[];
  readonly globals: readonly string[];
  payload(entry: TensorEntry, signal?: AbortSignal): AsyncIterable<Uint8Array> | null;
}

/**
 * Looks into the pickle that is the data of an object array. Nothing is loaded; what it would import goes to the report.
 *
 * @param prefix put before the names of arrays found inside
 * @param place member and shift of the pickle's bytes, as for any pickle
 */
export async function readObjects(
  source: ByteSource,
  start: number,
  end: number,
  prefix: string,
  place: Pick<PickleScanOptions, 'member' | 'shift'>,
  report: ContentReport,
  signal?: AbortSignal,
): Promise<ObjectContent> {
  const options = { ...place, archive: scanArchiveBytes, budget: report.budget };
  const scan = await scanPickles(source, start, end, options, signal);
  report.take(scan);
  if (scan.error !== null) report.problems.push(scan.error);
  else if (scan.end < end && place.shift !== null) {
    report.find('trailing-bytes', 'caution', { length: end - scan.end }, scan.end + place.shift);
  }
  const [stream] = scan.streams;
  const { arrays, error } = pickledArrays(stream?.value, place.shift);
  if (error !== null) report.problems.push(error);
  const found = new Map(arrays.map((array) => [prefix + array.entry.name, array]));
  if (found.size !== arrays.length) report.problems.push(new AppError('FORMAT_DUPLICATE_TENSOR', { tensor: prefix }));
  return {
    entries: [...found].map(([name, { entry }]) => ({ ...entry, name })),
    globals: (stream?.imports ?? []).map((use) => `${use.module} ${use.name}`),
    payload(entry, abort) {
      const array = found.get(entry.name);
      return array === undefined ? null : arrayPayload(source, array, abort);
    },
  };
}

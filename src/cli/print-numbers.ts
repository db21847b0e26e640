/** Tensors of an inspection: where each lies, its digests, what its numbers are. */
import { explain } from '../app/text/errors.ts';
import { formatBytes, formatCount } from '../core/report/words/units.ts';
import type { TensorNumbers } from '../core/scan/decode-lane-one.ts';
import type { ArtifactScan } from '../core/scan/model.ts';
import type { TensorEntry } from '../core/tensors/entry.ts';
import type { TensorStats } from '../core/tensors/stats.ts';
import type { Options } from './args.ts';

const NAME_WIDTH = 60;

type Wanted = Pick<Options, 'canonical' | 'stats'>;

/** One block of lines per tensor, in the order of the container's own table. */
export function describeTensors(
  { tensors, tensorDigests, tensorNumbers }: ArtifactScan,
  wanted: Wanted,
): readonly (readonly string[])[] {
  const width = Math.min(NAME_WIDTH, Math.max(...tensors.map(({ name }) => name.length)));
  return tensors.map((tensor, i) => {
    const { name, dtype, shape, byteLength } = tensor;
    const line = `    ${name.padEnd(width)}  ${dtype.padEnd(5)} [${shape.join(', ')}]  ${formatBytes(byteLength)}  ${place(tensor)}`;
    const digest = wanted.canonical ? (tensorDigests[i] ?? '') : '';
    return [
      line,
      ...(digest === '' ? [] : [`        stored     ${digest}`]),
      ...numberLines(tensorNumbers?.[i] ?? undefined, wanted),
    ];
  });
}

function place({ storage, byteLength }: TensorEntry): string {
  switch (storage.kind) {
    case 'range': {
      const order = storage.order === 'big' ? ', big-endian' : '';
      if (storage.strides !== undefined)
        return `a view from byte ${storage.start}, strides [${storage.strides.join(', ')}]${order}`;
      return `bytes ${storage.start} to ${storage.start + byteLength}${order}`;
    }
    case 'external':
      return `in ${storage.path} from byte ${storage.start}`;
    case 'assembled':
      return 'packed';
    case 'absent':
      return `no bytes: ${storage.why}`;
  }
}

export function numberLines(numbers: TensorNumbers | undefined, wanted: Wanted): string[] {
  if (numbers === undefined) return [];
  const { canonical, stats, error } = numbers;
  if (error !== undefined) {
    const words = explain(error);
    return [`        ? ${words.title} (${error.code})`];
  }
  return [
    ...(wanted.canonical && canonical !== null ? [`        canonical  ${canonical}`] : []),
    ...(wanted.stats && stats !== null ? [`        ${statsLine(stats)}`] : []),
  ];
}

function statsLine({ count, nan, infinite, zeros, sum, squares, least, most }: TensorStats): string {
  const range = least === null || most === null ? 'no finite value' : `${short(least)} to ${short(most)}`;
  const odd = [
    ...(nan > 0 ? [`${formatCount(nan)} NaN`] : []),
    ...(infinite > 0 ? [`${formatCount(infinite)} infinite`] : []),
  ];
  return [
    `${formatCount(count)} values`,
    range,
    `sum ${short(sum)}`,
    `sum of squares ${short(squares)}`,
    `${formatCount(zeros)} zeros`,
    ...odd,
  ].join(', ');
}

/** Six digits: the whole number is in the JSON. */
function short(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : value.toPrecision(6);
}

/** The same with infinities and NaN, which JSON does not have, as text. */
export function jsonNumbers(numbers: TensorNumbers | null): unknown {
  if (numbers?.stats === null || numbers?.stats === undefined) return numbers;
  const { first, sum, squares, ...stats } = numbers.stats;
  return { ...numbers, stats: { ...stats, sum: json(sum), squares: json(squares), first: first.map(json) } };
}

function json(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

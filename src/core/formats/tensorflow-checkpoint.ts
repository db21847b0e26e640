/** TensorFlow checkpoints, version 2: the index of a tensor bundle. Its numbers are in `….data-00000-of-00001` beside it. */
import type { ByteSource } from '../bytes/source.ts';
import { FindingCollector } from '../content/collector.ts';
import { noteRiskyText } from '../content/text.ts';
import { AppError } from '../errors.ts';
import { TENSORS_MAX } from '../limits.ts';
import type { TensorEntry, TensorStorage } from '../tensors/entry.ts';
import type { Format, MetaEntry, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { countElements, packedBytes } from './shape.ts';
import { nameOfKey, readEntry, readHeader, type BundleEntry, type BundleHeader } from './tensorflow/bundle.ts';
import { tfDtype } from './tensorflow/dtypes.ts';
import { looksLikeBundleIndex } from './tensorflow/magic.ts';
import { readTable } from './tensorflow/table.ts';

const OTHERS_KEPT = 1000;

export const tensorflowCheckpoint: Format = {
  id: 'tensorflow-checkpoint',
  title: 'TensorFlow checkpoint',
  extensions: ['.index'],
  match: looksLikeBundleIndex,
  open: openCheckpoint,
};

async function openCheckpoint(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const findings = new FindingCollector();
  const tensors: TensorEntry[] = [];
  const metadata: MetaEntry[] = [];
  const slices = new Map<string, number>();
  let header: BundleHeader | null = null;
  let others = 0;
  await readTable(
    source,
    async (key, value) => {
      // The empty key comes first and holds the header.
      if (key.length === 0) {
        header = await readHeader(value);
        return;
      }
      if (header === null) throw new AppError('FORMAT_MISSING_FIELD', { field: 'header' });
      if (tensors.length >= TENSORS_MAX)
        throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'tensors', max: TENSORS_MAX });
      const { name: plain, slice } = nameOfKey(key);
      const number = slices.get(plain) ?? 0;
      if (slice) slices.set(plain, number + 1);
      const name = slice ? `${plain}#slice${number}` : plain;
      noteRiskyText(name, { tensor: name.slice(0, 200) }, findings);
      const entry = describe(name, await readEntry(value), header, source.name);
      if (entry !== null) tensors.push(entry);
      else {
        others += 1;
        if (others <= OTHERS_KEPT) metadata.push({ key: name, type: 'OTHER', value: 'text or a handle' });
      }
    },
    signal,
  );
  if (header === null) throw new AppError('FORMAT_MISSING_FIELD', { field: 'header' });
  const { shards, bigEndian } = header as BundleHeader;
  return {
    format: 'tensorflow-checkpoint',
    tensors,
    metadata,
    findings: findings.list(),
    facts: { shards, endianness: bigEndian ? 'big' : 'little', other_tensors: others },
    ...(await leadingDigest(source, signal)),
  };
}

/** @throws AppError FORMAT_* */
function describe(name: string, entry: BundleEntry, header: BundleHeader, index: string): TensorEntry | null {
  const shown = name.slice(0, 200);
  const type = typeof entry.dtype === 'number' ? tfDtype(entry.dtype) : undefined;
  if (type === undefined) throw new AppError('FORMAT_DTYPE', { tensor: shown, dtype: `${entry.dtype}` });
  if (type === null || entry.unknownRank) return null;
  const whole = (value: number | bigint, what: string): number => {
    if (value < 0)
      throw new AppError(what === 'dimension' ? 'FORMAT_SHAPE' : 'FORMAT_LENGTH', {
        tensor: shown,
        field: what,
        value: `${value}`,
      });
    if (typeof value !== 'number')
      throw new AppError('FORMAT_OVERFLOW', { tensor: shown, field: what, value: `${value}` });
    return value;
  };
  const shape = entry.dims.map((size) => whole(size, 'dimension'));
  const byteLength = packedBytes(countElements(shape, shown), type.bits, shown);
  const made = (storage: TensorStorage): TensorEntry => ({ name, dtype: type.dtype, shape, byteLength, storage });
  if (entry.slices > 0) return made({ kind: 'absent', why: 'saved in slices' });
  const size = whole(entry.size, 'size');
  if (size !== byteLength)
    throw new AppError('FORMAT_SIZE_MISMATCH', { tensor: shown, expected: byteLength, actual: size });
  const shard = whole(entry.shard, 'shard');
  if (shard >= header.shards) throw new AppError('FORMAT_BOUNDS', { tensor: shown, shard, shards: header.shards });
  const digits = (value: number): string => String(value).padStart(5, '0');
  const path = `${index.replace(/\.index$/i, '')}.data-${digits(shard)}-of-${digits(header.shards)}`;
  const order = header.bigEndian && type.bits > 8 ? ({ order: 'big' } as const) : {};
  return made({ kind: 'external', path, start: whole(entry.offset, 'offset'), ...order });
}

/**
 * One shard of `files/`: known files whose SHA-256 begins with the same digits. Indexes into small tables keep it short:
 * `{section, prefix, repos[], licenses[], rows: [[rest of digest, size | null, [[repo, file, revision | null,
 * license | null, source, trust, flags], …]], …]}`, rows sorted by digest.
 */
import * as v from 'valibot';
import { AppError } from '../errors.ts';

/** What a source binds the bytes to, strongest last; stored as its index. */
export const TRUSTS = ['listed', 'enforced', 'pinned', 'commit'] as const;
export type Trust = (typeof TRUSTS)[number];

export const FLAG_MOVED = 1;
export const FLAG_OLD = 2;
export const FLAG_DISPUTED = 4;

const text = v.pipe(v.string(), v.maxLength(2000));
const index = v.pipe(v.number(), v.integer(), v.minValue(0));

const SightingSchema = v.tuple([
  index,
  text,
  v.nullable(text),
  v.nullable(index),
  index,
  v.pipe(index, v.maxValue(TRUSTS.length - 1)),
  v.pipe(index, v.maxValue(7)),
]);

const ShardSchema = v.object({
  section: v.literal('files'),
  prefix: v.pipe(v.string(), v.regex(/^[0-9a-f]+$/)),
  repos: v.array(text),
  licenses: v.array(text),
  rows: v.array(
    v.tuple([
      v.pipe(v.string(), v.regex(/^[0-9a-f]+$/)),
      v.nullable(index),
      v.pipe(v.array(SightingSchema), v.minLength(1)),
    ]),
  ),
});

export type Shard = v.InferOutput<typeof ShardSchema>;
export type ShardRow = Shard['rows'][number];

/** Address of a shard below the database's root. */
export function shardPath(prefix: string): string {
  return `files/${prefix}.json`;
}

/** @throws AppError DB_FORMAT {file, where} */
export function readShard(value: unknown, prefix: string): Shard {
  const file = shardPath(prefix);
  const parsed = v.safeParse(ShardSchema, value);
  if (!parsed.success) throw new AppError('DB_FORMAT', { file, where: v.getDotPath(parsed.issues[0]) ?? '' });
  if (parsed.output.prefix !== prefix) throw new AppError('DB_FORMAT', { file, where: 'prefix' });
  return parsed.output;
}

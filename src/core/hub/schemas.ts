/** The parts of the Hub's answers that are used, and what they may look like. Unknown members are dropped. */
import * as v from 'valibot';
import { AppError } from '../errors.ts';
import { PATH_MAX } from '../limits.ts';

const sha1 = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** `GET /api/models/{repo}/revision/{revision}` */
export const revisionSchema = v.object({
  id: v.pipe(v.string(), v.maxLength(200)),
  sha: sha1,
});

/** One entry of `GET /api/models/{repo}/tree/{commit}?recursive=true` */
const treeEntry = v.object({
  type: v.string(),
  path: v.pipe(v.string(), v.maxLength(PATH_MAX)),
  size: v.optional(size),
  oid: v.optional(sha1),
  lfs: v.optional(v.object({ oid: sha256, size })),
});
export const treeSchema = v.array(treeEntry);
export type TreeEntry = v.InferOutput<typeof treeEntry>;

/** One entry of `GET /api/models/{repo}/commits/{revision}` */
const commitEntry = v.object({
  id: sha1,
  title: v.string(),
  date: v.pipe(v.string(), v.isoTimestamp()),
});
export const commitsSchema = v.array(commitEntry);

/** @throws AppError HUB_RESPONSE {reason: 'shape', at} */
export function parsed<T>(schema: v.GenericSchema<unknown, T>, value: unknown, repo: string): T {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const at = v.getDotPath(result.issues[0]) ?? '';
  throw new AppError('HUB_RESPONSE', { repo, reason: 'shape', at: at.slice(0, 100) });
}

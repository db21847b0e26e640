/** What a shared link may hold: a report without tensors and metadata, every part bounded. Anything else is refused. */
import * as v from 'valibot';
import { ERROR_CODES } from '../../core/errors.ts';
import type { Report } from '../../core/report/report.ts';

const OUTCOMES = ['matches', 'contradicts', 'could-not-check', 'no-claim'] as const;
const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest));
const number = v.pipe(v.number(), v.finite(), v.minValue(0));
const detail = v.pipe(
  v.record(text(64), v.union([text(1000), v.number(), v.boolean()])),
  v.check((fields) => Object.keys(fields).length <= 32),
);
const error = v.object({ code: v.picklist(ERROR_CODES), detail });
const axis = v.picklist(['bytes', 'signer', 'lineage', 'contents']);
const outcome = v.picklist(OUTCOMES);
const standing = v.object({ outcome, line: text(300) });

const check = v.object({
  id: text(1000),
  axis,
  outcome,
  kind: text(64),
  source: v.object({
    kind: text(64),
    name: text(300),
    independent: v.boolean(),
    date: v.exactOptional(text(40)),
  }),
  path: v.exactOptional(text(1000)),
  tensor: v.exactOptional(text(1000)),
  algorithm: v.exactOptional(text(32)),
  expected: v.exactOptional(text(256)),
  actual: v.exactOptional(text(256)),
  reason: v.exactOptional(error),
  detail: v.exactOptional(detail),
});

const artifact = v.object({
  path: text(1000),
  size: number,
  status: v.picklist(['complete', 'headers-only', 'aborted', 'failed', 'not-read']),
  role: v.picklist(['weights', 'side', 'claim', 'other']),
  format: v.exactOptional(text(64)),
  digests: v.record(text(32), v.pipe(v.string(), v.regex(/^[0-9a-f]{8,128}$/))),
});

export const SharedSchema = v.object({
  format: v.literal('assay-report'),
  version: v.literal(1),
  tool: v.object({ name: v.literal('assay'), version: text(32), commit: v.exactOptional(text(64)) }),
  created: v.pipe(text(40), v.isoTimestamp()),
  subject: v.object({
    name: text(500),
    origin: v.picklist(['local', 'hub', 'url']),
    repo: v.exactOptional(text(200)),
    commit: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/))),
    revision: v.exactOptional(text(200)),
    url: v.exactOptional(text(1000)),
    files: number,
    bytes: number,
  }),
  depth: v.picklist(['headers', 'full']),
  stopped: v.boolean(),
  read: v.object({ bytes: number, seconds: number }),
  database: v.nullable(v.object({ id: text(100), created: text(40), files: number })),
  artifacts: v.pipe(v.array(artifact), v.maxLength(2000)),
  checks: v.pipe(v.array(check), v.maxLength(2000)),
  axes: v.object({ bytes: standing, signer: standing, lineage: standing, contents: standing }),
  verdict: v.object({ outcome, sentence: text(1000), note: v.exactOptional(text(1000)) }),
});

export type Shared = v.InferOutput<typeof SharedSchema>;

/** The summary as a report, so that the same parts show it. What a link does not carry is empty. */
export function asReport(shared: Shared): Report {
  const nothing = { facts: {}, metadata: [], tensors: [] };
  return {
    ...shared,
    artifacts: shared.artifacts.map((one) => ({ ...one, ...nothing })),
    findings: [],
    sightings: [],
    attestations: [],
  };
}

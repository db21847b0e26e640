/** `anchor.json` beside a chain: timestamps (RFC 3161) over its head. Fields by fixed lists, since none are published. */
import { fromBase64 } from '../../../bytes/base64.ts';
import { AppError } from '../../../errors.ts';
import { ANCHOR_TOKENS_MAX } from '../../../limits.ts';
import { field, isObject, strictJson } from '../json.ts';

export interface Anchor {
  /** What it says the chain's head is, lower-case hex; null when it does not say. */
  readonly head: string | null;
  /** DER each. */
  readonly tokens: readonly Uint8Array[];
}

const HEADS = ['head', 'chain_head', 'head_hash', 'chain_head_sha256', 'sha256', 'digest', 'root'];
const LISTS = ['tokens', 'timestamps', 'rfc3161', 'anchors'];
const TOKENS = ['token', 'tsr', 'tst', 'response', 'der'];

/** @throws AppError ATTEST_JSON, ATTEST_BUNDLE {why} */
export function readAnchor(bytes: Uint8Array): Anchor {
  const value = strictJson(bytes);
  if (!isObject(value)) throw new AppError('ATTEST_BUNDLE', { why: 'an anchor that is no object' });
  const named = HEADS.map((key) => field(value, key)).find((one) => typeof one === 'string');
  const head = typeof named === 'string' ? /^(?:sha256:)?([0-9a-f]{64})$/i.exec(named)?.[1]?.toLowerCase() : undefined;
  const given = LISTS.map((key) => field(value, key)).find(Array.isArray) ?? [field(value, 'token')];
  if (given.length > ANCHOR_TOKENS_MAX) throw new AppError('ATTEST_BUNDLE', { why: 'too many timestamps' });
  const tokens = given.flatMap((one: unknown) => {
    const text =
      typeof one === 'string' ? one : TOKENS.map((key) => field(one, key)).find((t) => typeof t === 'string');
    return typeof text === 'string' ? [decoded(text)] : [];
  });
  return { head: head ?? null, tokens };
}

function decoded(text: string): Uint8Array {
  try {
    return fromBase64(text.replaceAll(/\s+/g, ''));
  } catch (error) {
    throw new AppError('ATTEST_BUNDLE', { why: 'base64 that does not decode' }, error);
  }
}

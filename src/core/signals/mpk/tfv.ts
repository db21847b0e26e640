/** Tokenizer Feature Vector: eleven facts about a tokenizer, compared one by one. Field names are MPK's. */
import { sha256Hex } from '../../formats/sha256.ts';
import { pythonRound } from '../python/round.ts';
import { scriptShares } from './script-share.ts';
import { rounded } from './vector.ts';

export interface TokenizerFeatures {
  readonly vocab_size: number;
  readonly tokenizer_class: string;
  readonly bos_token_id: number | null;
  readonly eos_token_id: number | null;
  readonly pad_token_id: number | null;
  readonly num_added_tokens: number | null;
  readonly num_special_tokens: number | null;
  readonly num_merges: number;
  readonly first_5_merges: readonly string[];
  /** SHA-256 of the first 50 merges; that of the empty text when there are none. */
  readonly merge_rule_hash: string;
  /** All merges, one a line; empty in the database, which does not keep them. */
  readonly all_merges_str: string;
  readonly special_token_ids: Readonly<Record<string, number | null>>;
  readonly pct_single_char: number | null;
  readonly avg_token_length: number;
  readonly max_token_length: number | null;
  readonly pct_whitespace_prefix: number;
  readonly pct_byte_tokens: number;
  /** Most frequent script first. */
  readonly script_distribution: Readonly<Record<string, number>>;
}

/** What a loaded tokenizer tells. */
export interface TokenizerFacts {
  /** The name of the class that transformers 5 would load it with. */
  readonly className: string;
  /** Every token with its id, added ones included. */
  readonly vocab: ReadonlyMap<string, number>;
  /** `"a b"`; empty when its model has none. */
  readonly merges: readonly string[];
  readonly ids: {
    readonly bos: number | null;
    readonly eos: number | null;
    readonly pad: number | null;
    readonly unk: number | null;
    readonly mask: number | null;
  };
  readonly addedTokens: number;
  readonly specialTokens: number;
}

export async function tokenizerFeatures(facts: TokenizerFacts): Promise<TokenizerFeatures> {
  const { vocab, merges, ids } = facts;
  const n = vocab.size;
  let characters = 0;
  let longest = 0;
  let single = 0;
  let spaced = 0;
  let bytes = 0;
  for (const token of vocab.keys()) {
    let length = 0;
    for (const _ of token) length++;
    characters += length;
    longest = Math.max(longest, length);
    if (length === 1) single++;
    if (/^[\u2581\u0120 ]/.test(token)) spaced++;
    // Python's $ also matches before a final line end.
    if (/^<0x[0-9A-Fa-f]{2}>\n?$/.test(token)) bytes++;
  }
  const share = (count: number): number => pythonRound(count / n, 4);
  return {
    vocab_size: n,
    tokenizer_class: facts.className,
    bos_token_id: ids.bos,
    eos_token_id: ids.eos,
    pad_token_id: ids.pad,
    num_added_tokens: facts.addedTokens,
    num_special_tokens: facts.specialTokens,
    num_merges: merges.length,
    first_5_merges: merges.slice(0, 5),
    merge_rule_hash: await sha256Hex(new TextEncoder().encode(merges.slice(0, 50).join('\n'))),
    all_merges_str: merges.join('\n'),
    special_token_ids: { pad: ids.pad, unk: ids.unk, mask: ids.mask },
    pct_single_char: share(single),
    avg_token_length: pythonRound(characters / n, 2),
    max_token_length: longest,
    pct_whitespace_prefix: share(spaced),
    pct_byte_tokens: share(bytes),
    script_distribution: Object.fromEntries(scriptShares(vocab.keys())),
  };
}

/** Four decimals, 0 to 1. A tokenizer without merges does not reach 1 against itself: a defect of the score, kept. */
export function tfvSimilarity(a: TokenizerFeatures, b: TokenizerFeatures): number {
  const ratio = (x: number, y: number): number => 1 - Math.abs(x - y) / Math.max(x, y);
  const equal = (x: unknown, y: unknown): number => (x === y ? 1 : 0);
  let score = 0;
  score += 0.1 * equal(a.tokenizer_class, b.tokenizer_class);
  score += 0.1 * (Math.max(a.vocab_size, b.vocab_size) > 0 ? ratio(a.vocab_size, b.vocab_size) : 0);
  score += (0.08 * (equal(a.bos_token_id, b.bos_token_id) + equal(a.eos_token_id, b.eos_token_id))) / 2;
  const lengths = [a.avg_token_length, b.avg_token_length] as const;
  score += 0.07 * Math.max(0, 1 - Math.abs(lengths[0] - lengths[1]) / Math.max(...lengths, 1e-8));
  score += 0.05 * Math.max(0, 1 - Math.abs(a.pct_whitespace_prefix - b.pct_whitespace_prefix));
  score += scriptSimilarity(a.script_distribution, b.script_distribution);
  score += 0.05 * equal(a.pct_byte_tokens > 0, b.pct_byte_tokens > 0);
  score += mergeCounts(a.num_merges, b.num_merges);
  score +=
    a.merge_rule_hash !== '' && b.merge_rule_hash !== '' ? 0.15 * equal(a.merge_rule_hash, b.merge_rule_hash) : 0;
  score += specialTokens(a.special_token_ids, b.special_token_ids);
  score += allMerges(a.all_merges_str, b.all_merges_str);
  return rounded(score);
}

type Shares = Readonly<Record<string, number>>;

function scriptSimilarity(a: Shares, b: Shares): number {
  const scripts = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (const script of scripts) {
    const x = a[script] ?? 0;
    const y = b[script] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  const norms = Math.sqrt(aa) * Math.sqrt(bb);
  return 0.1 * (norms > 1e-8 ? dot / norms : 0);
}

function mergeCounts(a: number, b: number): number {
  if (a === 0 && b === 0) return 0.05;
  return a === 0 || b === 0 ? 0 : 0.05 * (1 - Math.abs(a - b) / Math.max(a, b));
}

/** A token that only one side has is left out; none left is half. */
function specialTokens(a: TokenizerFeatures['special_token_ids'], b: TokenizerFeatures['special_token_ids']): number {
  const pairs = ['pad', 'unk', 'mask'].map((key) => [a[key] ?? null, b[key] ?? null] as const);
  const compared = pairs.filter(([x, y]) => (x === null) === (y === null));
  const same = compared.filter(([x, y]) => x === y).length;
  return 0.1 * (compared.length > 0 ? same / compared.length : 0.5);
}

function allMerges(a: string, b: string): number {
  if (a === '' && b === '') return 0.15 * 0.5;
  return a !== '' && b !== '' && a === b ? 0.15 : 0;
}

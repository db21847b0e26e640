/**
 * Hash chains of checkpoints: one JSON object a line (or a JSON list), each naming the one before by its SHA-256.
 *
 * The one form whose code is published is `manifest_chain.py` of AOSSIE-Org/OpenVerifiableLLM (read at 0d73682): the link
 * is `parent_manifest_hash` and is SHA-256 of the object before, without that very member, as
 * `json.dumps(sort_keys=True, separators=(",", ":"))`. So a link covers one entry and not what that entry itself links
 * to. The fields of that project's released `chain.jsonl` are not published as code or text; other spellings are taken by
 * the fixed lists below, and the rule that held is named.
 */
import { sha256Hex } from '../../../crypto/digest.ts';
import { AppError } from '../../../errors.ts';
import type { JsonObject, JsonValue } from '../../../formats/json-reader.ts';
import { parseStrictJson } from '../../../formats/strict-json.ts';
import { CHAIN_ENTRIES_MAX } from '../../../limits.ts';
import { pythonJson } from '../python-json.ts';
import { resolveRecordPath } from '../record-path.ts';

export interface ChainEntry {
  readonly value: JsonObject;
  /** As written, without the line feed. */
  readonly text: string;
  readonly step: number | null;
  /** What it says the one before is; '' for none. */
  readonly link: string;
  readonly files: readonly ChainFile[];
}

export interface ChainFile {
  /** Path within the model; null when it leads out of it. */
  readonly path: string | null;
  readonly stated: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

const LINKS = ['parent_manifest_hash', 'prev_hash', 'previous_hash', 'parent_hash', 'previous', 'prev', 'parent'];
const OWN = ['manifest_hash', 'entry_hash', 'hash'];
const STEPS = ['step', 'global_step', 'index'];
const PATHS = ['path', 'file', 'name', 'checkpoint'];
const DIGESTS = ['sha256', 'file_sha256', 'digest'];
const HEX = /^(?:sha256:)?([0-9a-f]{64})$/i;
const NONE = /^(?:sha256:)?0*$/;

/** True when the first object of the bytes looks like an entry of such a chain. Never throws. */
export function looksLikeChain(bytes: Uint8Array): boolean {
  try {
    const [first] = objects(bytes.subarray(0, PEEK), true);
    return first !== undefined && (LINKS.some((key) => first.value.has(key)) || filesOf(first.value, '').length > 0);
  } catch {
    return false;
  }
}

/** Bytes in which the first entry has to end. */
const PEEK = 1024 * 1024;

/** @param path of the chain itself: files are named from its folder @throws AppError ATTEST_JSON, ATTEST_BUNDLE {why} */
export function readChain(bytes: Uint8Array, path: string): readonly ChainEntry[] {
  const found = objects(bytes, false);
  if (found.length === 0) throw new AppError('ATTEST_BUNDLE', { why: 'no entry in it' });
  return found.map(({ value, text }): ChainEntry => {
    const link = memberOf(value, LINKS);
    if (link !== undefined && link !== null && typeof link !== 'string') {
      throw new AppError('ATTEST_BUNDLE', { why: 'a link that is no text' });
    }
    const told = link ?? '';
    if (!NONE.test(told) && !HEX.test(told)) throw new AppError('ATTEST_BUNDLE', { why: 'a link that is no SHA-256' });
    const step = memberOf(value, STEPS);
    return {
      value,
      text,
      step: typeof step === 'number' ? step : null,
      link: NONE.test(told) ? '' : hexOf(told)!,
      files: filesOf(value, path),
    };
  });
}

interface Written {
  readonly value: JsonObject;
  readonly text: string;
}

function objects(bytes: Uint8Array, first: boolean): readonly Written[] {
  const text = utf8(bytes, first);
  if (text.trimStart().startsWith('[')) {
    const list = strict(bytes);
    if (!Array.isArray(list)) throw new AppError('ATTEST_BUNDLE', { why: 'no list of entries' });
    return bounded(list as readonly JsonValue[]).map((value) => ({ value: object(value), text: '' }));
  }
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const kept = lines.filter((line) => line.trim() !== '').slice(0, first ? 1 : undefined);
  return bounded(kept).map((line) => ({ value: object(strict(new TextEncoder().encode(line))), text: line }));
}

function bounded<T>(list: readonly T[]): readonly T[] {
  if (list.length > CHAIN_ENTRIES_MAX) throw new AppError('ATTEST_BUNDLE', { why: 'too many entries' });
  return list;
}

/** A piece may end inside a character. */
function utf8(bytes: Uint8Array, piece: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !piece }).decode(bytes);
  } catch (error) {
    throw new AppError('ATTEST_JSON', { why: 'utf8' }, error);
  }
}

function strict(bytes: Uint8Array): JsonValue {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    const why = error instanceof AppError ? error.code.replace('FORMAT_', '').toLowerCase() : 'syntax';
    throw new AppError('ATTEST_JSON', { why }, error);
  }
}

function object(value: JsonValue): JsonObject {
  if (!(value instanceof Map)) throw new AppError('ATTEST_BUNDLE', { why: 'an entry that is no object' });
  return value as JsonObject;
}

function memberOf(value: JsonObject, names: readonly string[]): JsonValue | undefined {
  const name = names.find((key) => value.has(key));
  return name === undefined ? undefined : value.get(name);
}

function hexOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? (HEX.exec(value)?.[1]?.toLowerCase() ?? null) : null;
}

/** `files` as a list of objects or as path → digest, or one file in the entry itself. */
function filesOf(value: JsonObject, chain: string): readonly ChainFile[] {
  const files = value.get('files');
  if (Array.isArray(files)) {
    return (files as readonly JsonValue[]).flatMap((one) =>
      one instanceof Map ? oneFile(one as JsonObject, chain) : [],
    );
  }
  if (files instanceof Map) {
    return [...(files as JsonObject)].flatMap(([stated, digest]) => {
      const own = digest instanceof Map ? memberOf(digest as JsonObject, DIGESTS) : digest;
      const sha256 = hexOf(own);
      return sha256 === null ? [] : [fileAt(stated, sha256, chain)];
    });
  }
  return oneFile(value, chain);
}

function oneFile(value: JsonObject, chain: string): readonly ChainFile[] {
  const stated = memberOf(value, PATHS);
  const sha256 = hexOf(memberOf(value, DIGESTS));
  return typeof stated === 'string' && sha256 !== null ? [fileAt(stated, sha256, chain)] : [];
}

function fileAt(stated: string, sha256: string, chain: string): ChainFile {
  return { path: resolveRecordPath(chain, stated), stated, sha256 };
}

/** How a link was made: over what of the entry before. */
export interface LinkRule {
  readonly id: 'whole' | 'without-link' | 'line';
  /** False: the link leaves out the entry's own link, so that it covers one entry and not the history. */
  readonly deep: boolean;
}

const RULES: readonly LinkRule[] = [
  { id: 'whole', deep: true },
  { id: 'line', deep: true },
  { id: 'without-link', deep: false },
];

/** SHA-256 of an entry by a rule, lower-case hex. A member that holds this very digest is left out. */
export async function entryHash({ value, text }: ChainEntry, rule: LinkRule): Promise<string> {
  if (rule.id === 'line') return sha256Hex(new TextEncoder().encode(text));
  const left = new Set(rule.id === 'whole' ? OWN : [...OWN, ...LINKS]);
  const kept = new Map([...value].filter(([key]) => !left.has(key)));
  return sha256Hex(new TextEncoder().encode(pythonJson(kept, [',', ':'])));
}

/** The rule by which every link holds. @throws AppError ATTEST_CHAIN {why, entry} */
export async function linkRule(entries: readonly ChainEntry[]): Promise<LinkRule> {
  const [first] = entries;
  if (first!.link !== '') throw new AppError('ATTEST_CHAIN', { why: 'it does not begin at a first entry', entry: 1 });
  let furthest = 0;
  for (const rule of RULES) {
    let i = 1;
    while (i < entries.length && entries[i]!.link === (await entryHash(entries[i - 1]!, rule))) i++;
    if (i >= entries.length) return rule;
    furthest = Math.max(furthest, i);
  }
  throw new AppError('ATTEST_CHAIN', { why: 'a link is not the digest of the entry before', entry: furthest + 1 });
}

/** @throws AppError ATTEST_CHAIN when steps do not grow */
export function requireOrder(entries: readonly ChainEntry[]): void {
  const steps = entries.map(({ step }) => step);
  const back = steps.findIndex((step, i) => i > 0 && step !== null && steps[i - 1] !== null && step <= steps[i - 1]!);
  if (back !== -1) throw new AppError('ATTEST_CHAIN', { why: 'its steps go back', entry: back + 1 });
}

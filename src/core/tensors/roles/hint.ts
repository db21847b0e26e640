/** Architecture and head counts from a model's configuration or GGUF metadata, as far as they are well-formed. */
import type { HeadCounts, RoleHint } from './role.ts';

/** A count of heads that is believed; the largest real models have some 256. */
const HEADS_MAX = 65_536;

type Section = Readonly<Record<string, unknown>>;

function sectionOf(value: unknown): Section | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Section) : undefined;
}

function countOf(section: Section, ...keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(section, key) ? section[key] : undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= HEADS_MAX) return value;
  }
  return undefined;
}

function textOf(section: Section, key: string): string | undefined {
  const value = Object.hasOwn(section, key) ? section[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Queries and key-value heads of one section (lineage.md 1.2). Falcon counts its key-value heads in its own way. */
function headsIn(section: Section, side?: 'encoder' | 'decoder'): HeadCounts | undefined {
  const own = side === undefined ? [] : [`${side}_attention_heads`];
  const heads = countOf(
    section,
    ...own,
    'num_attention_heads',
    'n_head',
    'n_heads',
    'num_heads',
    'num_attention_heads',
  );
  if (heads === undefined) return undefined;
  const type = (textOf(section, 'model_type') ?? '').toLowerCase();
  let kvHeads = countOf(section, 'num_key_value_heads', 'n_kv_heads', 'num_kv_heads', 'multi_query_group_num') ?? heads;
  if (type === 'falcon' || type.startsWith('refinedweb')) {
    const grouped = section['new_decoder_architecture'] === true;
    kvHeads = grouped ? kvHeads : section['multi_query'] === false ? heads : 1;
  } else if (type === 'gpt_bigcode') {
    kvHeads = section['multi_query'] === false ? heads : 1;
  }
  // DBRX keeps these in a section of their own.
  const attention = sectionOf(section['attn_config']);
  if (attention !== undefined) kvHeads = countOf(attention, 'kv_n_heads') ?? kvHeads;
  const headDim = countOf(section, 'head_dim', 'kv_channels', 'd_kv');
  return { heads, kvHeads, ...(headDim === undefined ? {} : { headDim }) };
}

/** What a parsed `config.json` says; an empty hint when it is none. */
export function hintFromConfig(config: unknown): RoleHint {
  const root = sectionOf(config);
  if (root === undefined) return {};
  const section = (key: string): Section | undefined => sectionOf(Object.hasOwn(root, key) ? root[key] : undefined);
  const text = section('text_config') ?? section('llm_config') ?? section('language_config') ?? root;
  const vision = section('vision_config');
  const audio = section('audio_config');
  const found = {
    text: headsIn(text),
    vision: vision === undefined ? undefined : headsIn(vision),
    audio: audio === undefined ? undefined : headsIn(audio),
    encoder: headsIn(section('encoder') ?? text, 'encoder'),
    decoder: headsIn(section('decoder') ?? text, 'decoder'),
  };
  const heads = Object.fromEntries(Object.entries(found).filter(([, counts]) => counts !== undefined));
  const architecture = textOf(text, 'model_type') ?? textOf(root, 'model_type');
  return {
    ...(architecture === undefined ? {} : { architecture }),
    ...(Object.keys(heads).length === 0 ? {} : { heads }),
  };
}

/** What GGUF's metadata says: `general.architecture` and `<architecture>.attention.head_count[_kv]`. */
export function hintFromGguf(metadata: readonly { readonly key: string; readonly value: unknown }[]): RoleHint {
  const at = (key: string): unknown => metadata.find((entry) => entry.key === key)?.value;
  const architecture = at('general.architecture');
  if (typeof architecture !== 'string') return { format: 'gguf' };
  const section = {
    num_attention_heads: at(`${architecture}.attention.head_count`),
    num_key_value_heads: at(`${architecture}.attention.head_count_kv`),
    head_dim: at(`${architecture}.attention.key_length`),
  };
  const text = headsIn(section);
  return { format: 'gguf', architecture, ...(text === undefined ? {} : { heads: { text } }) };
}

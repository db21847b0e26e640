/** A tokenizer as the tokenizers library serialises it: `Tokenizer.to_str()`, compact, its own order of fields. */

export interface AddedToken {
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** A part by its serialised form: normalizer, pre-tokenizer, post-processor, decoder. */
export type Part = Readonly<Record<string, unknown>> | null;

export type Model =
  | {
      readonly type: 'BPE';
      readonly dropout: number | null;
      readonly unk_token: string | null;
      readonly continuing_subword_prefix: string | null;
      readonly end_of_word_suffix: string | null;
      readonly fuse_unk: boolean;
      readonly byte_fallback: boolean;
      readonly ignore_merges: boolean;
      readonly vocab: ReadonlyMap<string, number>;
      readonly merges: readonly (readonly [string, string])[];
    }
  | {
      readonly type: 'WordPiece';
      readonly unk_token: string;
      readonly continuing_subword_prefix: string;
      readonly max_input_chars_per_word: number;
      readonly vocab: ReadonlyMap<string, number>;
    }
  | { readonly type: 'WordLevel'; readonly vocab: ReadonlyMap<string, number>; readonly unk_token: string }
  | {
      readonly type: 'Unigram';
      readonly unk_id: number | null;
      readonly vocab: readonly (readonly [string, number])[];
      readonly byte_fallback: boolean;
    };

export interface Backend {
  readonly truncation: unknown;
  readonly padding: unknown;
  /** By id. */
  readonly added: ReadonlyMap<number, AddedToken>;
  readonly normalizer: Part;
  readonly pre_tokenizer: Part;
  readonly post_processor: Part;
  readonly decoder: Part;
  readonly model: Model;
}

/** Token → id of the model alone. */
export function modelVocab(model: Model): ReadonlyMap<string, number> {
  return model.type === 'Unigram' ? new Map(model.vocab.map(([token], id) => [token, id])) : model.vocab;
}

/** Token → id, added ones included. */
export function fullVocab({ model, added }: Pick<Backend, 'model' | 'added'>): Map<string, number> {
  const all = new Map(modelVocab(model));
  for (const [id, { content }] of added) all.set(content, id);
  return all;
}

/** The serialised form, for its digest and for the tokenizer that encodes. */
export function backendText(backend: Backend): string {
  const added = [...backend.added].sort(([a], [b]) => a - b).map(([id, token]) => addedText(id, token));
  const parts = [
    '"version":"1.0"',
    `"truncation":${json(backend.truncation ?? null)}`,
    `"padding":${json(backend.padding ?? null)}`,
    `"added_tokens":[${added.join(',')}]`,
    `"normalizer":${json(backend.normalizer)}`,
    `"pre_tokenizer":${json(backend.pre_tokenizer)}`,
    `"post_processor":${json(backend.post_processor)}`,
    `"decoder":${json(backend.decoder)}`,
    `"model":${modelText(backend.model)}`,
  ];
  return `{${parts.join(',')}}`;
}

function addedText(id: number, { content, single_word, lstrip, rstrip, normalized, special }: AddedToken): string {
  return json({ id, content, single_word, lstrip, rstrip, normalized, special });
}

function modelText(model: Model): string {
  const { vocab, ...rest } = model;
  if (model.type === 'Unigram') {
    const rows = model.vocab.map(([token, score]) => `[${json(token)},${float(score)}]`);
    return `{"type":"Unigram","unk_id":${json(model.unk_id)},"vocab":[${rows.join(',')}],"byte_fallback":${model.byte_fallback}}`;
  }
  const rows = [...(vocab as ReadonlyMap<string, number>)].sort(([, a], [, b]) => a - b);
  const table = `{${rows.map(([token, id]) => `${json(token)}:${id}`).join(',')}}`;
  if (model.type === 'WordLevel') return `{"type":"WordLevel","vocab":${table},"unk_token":${json(model.unk_token)}}`;
  const { merges, ...fields } = rest as typeof rest & { merges?: unknown };
  const head = json(fields).slice(0, -1);
  return `${head},"vocab":${table}${merges === undefined ? '' : `,"merges":${json(merges)}`}}`;
}

/** serde_json escapes what JSON must, and leaves U+007F and U+2028 as they are: JSON.stringify does the same. */
function json(value: unknown): string {
  return JSON.stringify(value);
}

/** Rust writes a whole number with `.0`, and small ones with an exponent (ryu). */
function float(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-5 || size >= 1e16)) return value.toExponential().replace('e+', 'e');
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/**
 * What MPK reads from a tensor's name (utils/tensor.py of the Model Provenance Kit 1.0.0). Substrings in a fixed order,
 * so `dense_h_to_4h` is an output projection and a router's `gate` a gate: kept, because the numbers depend on it.
 */
const CATEGORIES: readonly (readonly [category: string, keywords: readonly string[]])[] = [
  ['q_proj', ['q_proj', 'query', 'self.query']],
  ['k_proj', ['k_proj', 'key', 'self.key']],
  ['v_proj', ['v_proj', 'value', 'self.value']],
  ['o_proj', ['o_proj', 'dense', 'out_proj']],
  ['gate_proj', ['gate_proj', 'gate']],
  ['up_proj', ['up_proj', 'fc1', 'dense_h_to_4h', 'wi_0']],
  ['down_proj', ['down_proj', 'fc2', 'dense_4h_to_h', 'wi_1', 'wo']],
  ['embedding', ['embed_tokens', 'wte', 'word_embeddings', 'shared.weight']],
  ['norm', ['layernorm', 'rmsnorm', 'ln_', 'norm']],
  ['lm_head', ['lm_head', 'cls']],
];
const NORM_WORDS = ['layernorm', 'rmsnorm', 'input_layernorm', 'post_attention', 'ln_', 'norm'];
/** Categories that no weight-value signature is taken of. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['norm', 'embedding', 'lm_head', 'other']);

/** Embedding names that are looked for before the search by parts of names, in this order. */
const EMBEDDINGS: readonly string[] = [
  'model.embed_tokens.weight',
  'transformer.wte.weight',
  'embeddings.word_embeddings.weight',
  'gpt_neox.embed_in.weight',
  'transformer.word_embeddings.weight',
  'shared.weight',
  'model.shared.weight',
  'encoder.embed_tokens.weight',
  'model.encoder.embed_tokens.weight',
  'model.decoder.embed_tokens.weight',
  'decoder.embed_tokens.weight',
  'bert.embeddings.word_embeddings.weight',
  'roberta.embeddings.word_embeddings.weight',
  'deberta.embeddings.word_embeddings.weight',
  'distilbert.embeddings.word_embeddings.weight',
  'electra.embeddings.word_embeddings.weight',
  'albert.embeddings.word_embeddings.weight',
  'xlm-roberta.embeddings.word_embeddings.weight',
  'camembert.embeddings.word_embeddings.weight',
  'word_embeddings.weight',
  'wte.weight',
];

export function tensorCategory(name: string): string {
  const lower = name.toLowerCase();
  return CATEGORIES.find(([, words]) => words.some((word) => lower.includes(word)))?.[0] ?? 'other';
}

/** The number behind the first `layer.`, `layers.`, `h.` or `block.` of the name; null when there is none. */
export function layerIndex(name: string): number | null {
  const digits = /(?:layers?|h|block)\.\s*(\d+)\./.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

export function isNormName(name: string): boolean {
  const lower = name.toLowerCase();
  return NORM_WORDS.some((word) => lower.includes(word));
}

export function entersWvc(name: string): boolean {
  return !NOT_COMPARED.has(tensorCategory(name));
}

/**
 * The token embedding. The full path also wants two dimensions of a tensor found by parts of its name; the streaming
 * path takes the first such name, whatever its shape.
 *
 * @param order names in the order in which MPK meets them
 */
export function findEmbedding(
  order: readonly string[],
  dimensions: (name: string) => number,
  full: boolean,
): string | null {
  const names = new Set(order);
  const known = EMBEDDINGS.find((name) => names.has(name));
  if (known !== undefined) return known;
  const found = order.find((name) => {
    const lower = name.toLowerCase();
    const embeds = lower.includes('embed') || lower.includes('wte');
    return embeds && !lower.includes('position') && (!full || dimensions(name) === 2);
  });
  return found ?? null;
}

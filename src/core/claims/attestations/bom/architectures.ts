/** Names of architectures as configurations, GGUF and bills write them. Only names of this table are ever said to differ. */

/**
 * `model_type` of transformers without what stands between words. Marketing names of releases that kept the architecture
 * of an earlier one come after it.
 */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  albert: [],
  baichuan: [],
  bart: [],
  bert: [],
  bloom: [],
  chatglm: [],
  clip: [],
  cohere: ['commandr'],
  cohere2: [],
  convnext: [],
  dbrx: [],
  deberta: [],
  debertav2: ['debertav3'],
  deepseekv2: [],
  deepseekv3: [],
  detr: [],
  dinov2: [],
  distilbert: [],
  electra: [],
  exaone: [],
  falcon: ['refinedweb'],
  gemma: [],
  gemma2: [],
  gemma3: ['gemma3text'],
  gemma3n: ['gemma3ntext'],
  gpt2: [],
  gptbigcode: ['starcoder'],
  gptj: [],
  gptneo: [],
  gptneox: [],
  gptoss: [],
  granite: [],
  granitemoe: [],
  internlm2: [],
  jamba: [],
  llama: ['llama2', 'llama3', 'llama31', 'llama32', 'llama33'],
  llama4: ['llama4text'],
  llava: [],
  longformer: [],
  mamba: [],
  mamba2: [],
  mbart: [],
  minicpm: [],
  mistral: [],
  mixtral: [],
  modernbert: [],
  mpnet: [],
  mpt: [],
  mt5: [],
  nemotron: [],
  nomicbert: [],
  olmo: [],
  olmo2: [],
  opt: [],
  pegasus: [],
  phi: ['phi15', 'phi2'],
  phi3: ['phi35', 'phi4'],
  phimoe: [],
  qwen: [],
  qwen2: ['qwen15', 'qwen25'],
  qwen2moe: [],
  qwen2vl: [],
  qwen25vl: [],
  qwen3: [],
  qwen3moe: [],
  resnet: [],
  roberta: [],
  rwkv: [],
  segformer: [],
  siglip: [],
  smollm3: [],
  stablelm: [],
  starcoder2: [],
  swin: [],
  t5: [],
  vit: [],
  wav2vec2: [],
  whisper: [],
  xlmroberta: [],
  xlnet: [],
};

/** `general.architecture` of GGUF under which other architectures are stored (llama.cpp `convert_hf_to_gguf.py`). */
const STORED_AS: Readonly<Record<string, readonly string[]>> = {
  llama: [
    'llama',
    'mistral',
    'mixtral',
    'minicpm',
    'granite',
    'granitemoe',
    'olmo',
    'internlm2',
    'baichuan',
    'deepseekv2',
  ],
  bert: ['bert', 'roberta', 'xlmroberta', 'distilbert', 'mpnet', 'modernbert'],
  deepseek2: ['deepseekv2', 'deepseekv3'],
  starcoder: ['gptbigcode'],
  phi2: ['phi'],
  phi3: ['phi3', 'phimoe'],
  qwen2: ['qwen2'],
  qwen2vl: ['qwen2vl', 'qwen25vl'],
  t5: ['t5', 'mt5'],
  falcon: ['falcon'],
  rwkv6: ['rwkv'],
  rwkv7: ['rwkv'],
  commandr: ['cohere'],
};

/** What classes add to the name: `LlamaForCausalLM`, `GPT2LMHeadModel`, `BertModel`. */
const ENDINGS =
  /(?:for(?:causallm|conditionalgeneration|sequenceclassification|tokenclassification|questionanswering|maskedlm|pretraining|imageclassification|speechseq2seq|ctc|textgeneration)|lmheadmodel|lmhead|model)$/;

const BY_NAME: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([name, more]) => [name, ...more].map((one): [string, string] => [one, name])),
);

/** Letters and digits alone, without the ending of a class: `gpt_neox`, `GPTNeoXForCausalLM` → `gptneox`. */
export function plainArchitecture(written: string): string {
  return written
    .slice(0, 200)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replace(ENDINGS, '');
}

/**
 * Whether two names mean one architecture; null where that cannot be said: one of them is not in the table.
 *
 * @param stored true when `found` is GGUF's `general.architecture`
 */
export function sameArchitecture(stated: string, found: string, stored: boolean): boolean | null {
  const a = plainArchitecture(stated);
  const b = plainArchitecture(found);
  if (a === '' || b === '') return null;
  if (a === b) return true;
  const left = BY_NAME.get(a);
  const right = stored && Object.hasOwn(STORED_AS, b) ? STORED_AS[b]! : [BY_NAME.get(b)];
  if (left === undefined || right.includes(undefined as never)) return null;
  return right.includes(left);
}

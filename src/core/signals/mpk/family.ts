/** MPK's names for families of architectures, by `model_type`. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  llama: ['llama'],
  qwen: ['qwen2', 'qwen2_moe', 'qwen', 'qwen2_5_vl', 'qwen2_vl', 'qwen3', 'qwen3_moe'],
  phi: ['phi', 'phi3', 'phi-msft', 'phi3small', 'mixformer-sequential'],
  gemma: ['gemma', 'gemma2', 'gemma3', 'paligemma'],
  mistral: ['mistral'],
  deepseek: ['deepseek_v3', 'deepseek_v2'],
  gpt2: ['gpt2'],
  falcon: ['falcon'],
  starcoder: ['gpt_bigcode'],
  bert: ['bert'],
  roberta: ['roberta'],
  t5: ['t5'],
  bart: ['bart'],
  marian: ['marian'],
  bloom: ['bloom'],
  gpt_neox: ['gpt_neox'],
  albert: ['albert'],
  deberta: ['deberta-v2', 'deberta'],
  xlm_roberta: ['xlm-roberta'],
  nllb: ['m2m_100'],
};

/** `unknown` for every other type. An architecture, never an ancestry. */
export function familyOf(modelType: string): string {
  const type = modelType.toLowerCase();
  return Object.keys(FAMILIES).find((family) => FAMILIES[family]!.includes(type)) ?? 'unknown';
}

/** Spellings of number types in bills and configurations, as the types tensors are stored in. */

const FLOAT8 = ['F8_E4M3', 'F8_E5M2', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'];

/** Without case, `torch.` and what stands between words. What is packed in several ways (`int4`, `4-bit`) is not here. */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  bf16: ['BF16'],
  bfloat16: ['BF16'],
  f16: ['F16'],
  fp16: ['F16'],
  float16: ['F16'],
  half: ['F16'],
  f32: ['F32'],
  fp32: ['F32'],
  float32: ['F32'],
  float: ['F32'],
  single: ['F32'],
  f64: ['F64'],
  fp64: ['F64'],
  float64: ['F64'],
  double: ['F64'],
  f8: FLOAT8,
  fp8: FLOAT8,
  float8: FLOAT8,
  f8e4m3: ['F8_E4M3'],
  fp8e4m3: ['F8_E4M3'],
  float8e4m3: ['F8_E4M3'],
  float8e4m3fn: ['F8_E4M3'],
  f8e5m2: ['F8_E5M2'],
  fp8e5m2: ['F8_E5M2'],
  float8e5m2: ['F8_E5M2'],
  int8: ['I8'],
  i8: ['I8'],
  uint8: ['U8'],
  u8: ['U8'],
};

/** ggml's block types, with the mixtures that llama.cpp names after their main one (`Q4_K_M`, `Q3_K_XL`). */
const BLOCK = /^(IQ[1-4]_(?:XXS|XS|NL|S|M)|TQ[12]_0|Q[1-8]_[01K])(?:_(?:XXS|XS|S|M|L|XL))?$/;

/** Stored types that fit the spelling; null: not one that says how tensors are stored. */
export function storedTypes(written: string): readonly string[] | null {
  const text = written.trim().slice(0, 60);
  const [, block] = BLOCK.exec(text.toUpperCase()) ?? [];
  if (block !== undefined) return [block];
  const plain = text
    .toLowerCase()
    .replace(/^torch\./, '')
    .replaceAll(/[^a-z0-9]/g, '');
  return Object.hasOwn(SPELLINGS, plain) ? SPELLINGS[plain]! : null;
}

/** What a bill says of a model under the keys of configurations and headers: hyperparameters, properties. */
import type { BillModel } from './bill.ts';

type Stated = Pick<BillModel, 'architecture' | 'dtype' | 'contextLength' | 'vocabularySize' | 'parameters'>;

/**
 * Keys without case and without what stands between words, by what they mean, the plainest first. Sources: keys of
 * transformers' configurations, of GGUF (with the architecture in front of them left off), and what generators of bills
 * write (aibom-generator's `genai:aibom:modelcard:*`, hyperparameters of SPDX).
 */
const KEYS: Readonly<Record<keyof Stated, readonly string[]>> = {
  architecture: ['modeltype', 'generalarchitecture', 'architecture', 'modelarchitecture', 'architectures'],
  dtype: ['torchdtype', 'dtype', 'parameterdtype', 'datatype', 'tensortype', 'precision', 'weightsdtype'],
  contextLength: [
    'contextlength',
    'maxpositionembeddings',
    'contextwindow',
    'contextsize',
    'maxcontextlength',
    'npositions',
    'nctx',
    'maxsequencelength',
    'maxseqlen',
  ],
  vocabularySize: ['vocabsize', 'vocabularysize', 'nvocab'],
  parameters: ['parametercount', 'numparameters', 'parameters', 'totalparameters', 'nparameters', 'numberofparameters'],
};

/**
 * The first of its keys that says something decides. A value of another kind than the key asks for says nothing.
 *
 * @param pairs in the order of the document
 */
export function statedOf(pairs: readonly (readonly [key: string, value: string])[]): Stated {
  const by = new Map<string, string>();
  for (const [key, value] of pairs) {
    const plain = plainKey(key);
    if (value.trim() !== '' && !by.has(plain)) by.set(plain, value.trim());
  }
  const text = (what: keyof Stated): string | undefined => KEYS[what].map((key) => by.get(key)).find(Boolean);
  const count = (what: keyof Stated): number | undefined =>
    KEYS[what].map((key) => countOf(by.get(key) ?? '')).find((value) => value !== undefined);
  const found = {
    architecture: text('architecture'),
    dtype: text('dtype'),
    contextLength: count('contextLength'),
    vocabularySize: count('vocabularySize'),
    parameters: count('parameters'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Stated;
}

/** `genai:aibom:modelcard:contextLength`, `llama.context_length` → `contextlength`. */
function plainKey(key: string): string {
  const last = key.slice(0, 300).split(':').at(-1)!.toLowerCase();
  // Only GGUF puts the architecture before a dot; `general` is part of the meaning.
  const own = last.startsWith('general.') ? last : last.slice(last.lastIndexOf('.') + 1);
  return own.replaceAll(/[^a-z0-9]/g, '');
}

const SCALES: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, b: 1e9, t: 1e12 };

/** `32,000`, `32000`, `7B`, `1.5 billion`; absent for anything else. */
export function countOf(text: string): number | undefined {
  const match =
    /^(\d{1,16}|\d{1,3}(?:[,_ ]\d{3}){1,5})(\.\d{1,6})? ?(k|m|b|t|thousand|million|billion|trillion)?$/i.exec(
      text.trim(),
    );
  if (match === null) return undefined;
  const [, whole, part = '', scale] = match;
  if (part !== '' && scale === undefined) return undefined;
  const number = Number(`${whole!.replaceAll(/[,_ ]/g, '')}${part}`);
  const times = scale === undefined ? 1 : SCALES[scale[0]!.toLowerCase()]!;
  const value = Math.round(number * times);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

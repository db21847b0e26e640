/**
 * The forms of llama.cpp and whisper.cpp before GGUF. Sources: llama.cpp at master-294d0e2 (`llama.cpp`,
 * `llama_file_loader`), `convert-lora-to-ggml.py`, whisper.cpp (`whisper_model_load`). All numbers are 32-bit little-endian.
 */
import type { NotAModel } from '../not-a-model.ts';

/** Four letters as a little-endian number, so they stand reversed. */
const MAGICS: Readonly<Record<string, 'ggml' | 'ggmf' | 'ggjt' | 'ggla'>> = {
  lmgg: 'ggml',
  fmgg: 'ggmf',
  tjgg: 'ggjt',
  algg: 'ggla',
};
/** Longest token that is believed: vocabularies of that time stay below 100 bytes. */
const TOKEN_MAX = 1024;

/** What such a file is and what its header states; null when the first bytes are others. Its tensors are not read. */
export function ggmlLegacy(head: Uint8Array): NotAModel | null {
  const magic = MAGICS[String.fromCharCode(...head.subarray(0, 4))];
  if (magic === undefined) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const word = (index: number): number => (4 * index + 4 <= head.length ? view.getUint32(4 * index, true) : 0);
  // The oldest form has no version.
  const version = magic === 'ggml' ? {} : { version: word(1) };
  if (magic === 'ggla') return made({ magic, ...version, ...loraFacts(word) });
  const first = magic === 'ggml' ? 1 : 2;
  const facts = llamaFacts(head, view, word, first, magic !== 'ggml') ?? (magic === 'ggml' ? whisperFacts(word) : null);
  return made({ magic, ...version, ...facts });
}

type Facts = Readonly<Record<string, string | number>>;

function made(detail: Facts): NotAModel {
  return { kind: 'ggml-legacy', detail };
}

/** `n_vocab n_embd n_mult n_head n_layer n_rot ftype`, then the tokens: believed when the tokens in reach are in order. */
function llamaFacts(
  head: Uint8Array,
  view: DataView,
  word: (index: number) => number,
  first: number,
  scores: boolean,
): Facts | null {
  const [vocabulary = 0, width = 0, , heads = 0, layers = 0, rotary = 0, fileType = 0] = Array.from(
    { length: 7 },
    (_, i) => word(first + i),
  );
  const fits =
    within(vocabulary, 1e7) && within(width, 1e6) && within(heads, 1e4) && within(layers, 1e4) && width % heads === 0;
  if (!fits || rotary > width) return null;
  const tokens = tokensInReach(view, head.length, 4 * (first + 7), scores ? 4 : 0, vocabulary);
  return tokens === 0 ? null : { layout: 'llama', vocabulary, width, layers, heads, fileType };
}

/** How many tokens follow one another as they should; 0 when one does not. */
function tokensInReach(view: DataView, length: number, start: number, after: number, count: number): number {
  let at = start;
  let seen = 0;
  while (seen < count && at + 4 <= length) {
    const size = view.getUint32(at, true);
    if (size > TOKEN_MAX) return 0;
    at += 4 + size + after;
    seen += 1;
  }
  return seen;
}

/** The numbers that all Whisper models share: 1,500 audio positions, 448 text positions, 80 or 128 bands. */
function whisperFacts(word: (index: number) => number): Facts | null {
  const [
    vocabulary = 0,
    audio = 0,
    width = 0,
    heads = 0,
    layers = 0,
    text = 0,
    ,
    ,
    textLayers = 0,
    bands = 0,
    fileType = 0,
  ] = Array.from({ length: 11 }, (_, i) => word(1 + i));
  if (audio !== 1500 || text !== 448 || (bands !== 80 && bands !== 128) || !within(vocabulary, 1e7)) return null;
  return { layout: 'whisper', vocabulary, width, layers: layers + textLayers, heads, fileType };
}

function loraFacts(word: (index: number) => number): Facts {
  const [rank, alpha] = [word(2), word(3)];
  return within(rank, 1e5) ? { layout: 'lora', rank, alpha } : {};
}

function within(value: number, most: number): boolean {
  return value > 0 && value <= most;
}

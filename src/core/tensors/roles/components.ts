/** Stacks of layers become components; what lies outside layers is given to the component it belongs to. */
import type { ParsedName } from './name.ts';
import { DRAFT_WORDS, PROJECTOR_WORDS } from './outside.ts';
import type { Component, ComponentKind, RoleCode } from './role.ts';

/** A component while it is put together. */
export interface Stack {
  readonly prefix: string;
  readonly words: readonly string[];
  readonly tower: Component['tower'];
  kind: ComponentKind;
  readonly layers: Set<number>;
  tensors: number;
  stackElements: number;
}

const PROJECTORS: ReadonlySet<string> = new Set(PROJECTOR_WORDS);
const DRAFTS: ReadonlySet<string> = new Set(DRAFT_WORDS);
const DENOISER: ReadonlySet<string> = new Set([
  'down_blocks',
  'up_blocks',
  'mid_block',
  'diffusion_model',
  'transformer_blocks',
  'single_transformer_blocks',
  'double_blocks',
  'single_blocks',
  'joint_blocks',
  'unet',
  'input_blocks',
  'output_blocks',
  'middle_block',
]);
const AUTOENCODER: ReadonlySet<string> = new Set(['vae', 'first_stage_model', 'autoencoder']);

/** Words that name a model for sight or sound without saying so. */
const VISION_WORDS: ReadonlySet<string> = new Set([
  'vit',
  'sam_model',
  'sam',
  'swin',
  'swinv2',
  'beit',
  'deit',
  'dinov2',
]);
const AUDIO_WORDS: ReadonlySet<string> = new Set(['wav2vec2', 'hubert', 'wavlm', 'data2vec_audio', 'unispeech']);

/** `v.` and `a.` are GGUF's vision and audio encoders. */
export function towerOf(words: readonly string[]): Component['tower'] {
  if (words[0] === 'v' || words.some((word) => VISION_WORDS.has(word) || /vision|visual|image/.test(word)))
    return 'vision';
  if (words[0] === 'a' || words.some((word) => AUDIO_WORDS.has(word) || /audio|speech/.test(word))) return 'audio';
  return 'text';
}

export function isProjector(words: readonly string[]): boolean {
  return words.some((word) => PROJECTORS.has(word));
}

export function newStack(prefix: string): Stack {
  const words = prefix === '' ? [] : prefix.slice(0, -1).split('.');
  const tower = towerOf(words);
  let kind: ComponentKind = tower;
  if (words.some((w) => DRAFTS.has(w))) kind = 'draft';
  else if (isProjector(words)) kind = 'projector';
  else if (words.some((w) => AUTOENCODER.has(w))) kind = 'autoencoder';
  else if (words.some((w) => DENOISER.has(w))) kind = 'denoiser';
  return { prefix, words, tower, kind, layers: new Set(), tensors: 0, stackElements: 0 };
}

/** Where both sides are there, text stacks are an encoder and a decoder. */
export function nameSides(stacks: readonly Stack[]): void {
  const side = (stack: Stack): 'encoder' | 'decoder' | undefined => {
    const word = stack.words.findLast((w) => w === 'encoder' || w === 'decoder' || w === 'enc' || w === 'dec');
    if (word === undefined) return undefined;
    return word.startsWith('enc') ? 'encoder' : 'decoder';
  };
  const texts = stacks.filter(({ kind }) => kind === 'text');
  const sides = new Set(texts.map(side));
  if (!sides.has('encoder') || !sides.has('decoder')) return;
  for (const stack of texts) stack.kind = side(stack) ?? 'text';
}

const ATTENTION: ReadonlySet<RoleCode> = new Set([
  'q',
  'k',
  'v',
  'qkv',
  'kv',
  'q_a',
  'q_b',
  'kv_a',
  'xq',
  'ssm_in',
  'rwkv_k',
]);

/**
 * A stack called text by its prefix is text if tokens go in or come out; it is vision when patches do. What has no
 * attention and no recurrence is neither.
 *
 * @param inside roles of its layers
 * @param around roles of what lies outside its layers and belongs to it
 */
export function judgeKind(stack: Stack, inside: ReadonlySet<RoleCode>, around: ReadonlySet<RoleCode>): void {
  if (stack.kind !== 'text') return;
  const tokens = around.has('embed') || around.has('head') || around.has('mlm_head');
  if (!tokens && around.has('patch')) stack.kind = 'vision';
  else if (![...inside].some((role) => ATTENTION.has(role))) stack.kind = 'other';
}

/** Words in which a name begins as a prefix does. */
function agreement(words: readonly string[], parts: readonly string[]): number {
  let common = 0;
  while (common < words.length && words[common] === parts[common]) common++;
  return common;
}

/** Finds what tensors outside layers belong to. */
export class Owners {
  /** By tower: the stacks that may own something, and those of them whose prefix begins with a word. */
  readonly #towers: ReadonlyMap<Component['tower'], Candidates>;

  constructor(stacks: readonly Stack[]) {
    const towers = (['text', 'vision', 'audio'] as const).map((tower): [Component['tower'], Candidates] => {
      const same = stacks.filter((stack) => stack.tower === tower);
      // A name that says no tower belongs to the only model there is.
      const own = same.length === 0 && tower === 'text' ? stacks : same;
      const main = own.filter(({ kind }) => kind !== 'draft' && kind !== 'projector');
      return [tower, candidatesOf(main.length > 0 ? main : own)];
    });
    this.#towers = new Map(towers);
  }

  /** One stack, or several that agree with the name equally (encoder and decoder); the nearest to the top first. */
  of({ parts }: ParsedName): readonly Stack[] {
    const { all, byWord } = this.#towers.get(towerOf(parts))!;
    if (all.length < 2) return all;
    const near = byWord.get(parts[0]!);
    // Nobody agrees in any word: all agree in none.
    if (near === undefined) return all;
    let best = 0;
    let owners: Stack[] = [];
    for (const stack of near) {
      const score = agreement(stack.words, parts);
      if (score > best) [best, owners] = [score, [stack]];
      else if (score === best) owners.push(stack);
    }
    return owners;
  }
}

interface Candidates {
  /** Shorter prefixes first, then by alphabet. */
  readonly all: readonly Stack[];
  readonly byWord: ReadonlyMap<string, readonly Stack[]>;
}

function candidatesOf(stacks: readonly Stack[]): Candidates {
  const all = stacks.toSorted((a, b) => a.words.length - b.words.length || (a.prefix < b.prefix ? -1 : 1));
  const byWord = new Map<string, Stack[]>();
  for (const stack of all) {
    const [word] = stack.words;
    if (word === undefined) continue;
    const same = byWord.get(word);
    if (same === undefined) byWord.set(word, [stack]);
    else same.push(stack);
  }
  return { all, byWord };
}

/** What a model's tensors are, in one line. */
import type { Component, ComponentKind, RoleMap } from '../../tensors/roles/role.ts';
import { formatCount, plural } from './units.ts';

const KINDS: Readonly<Record<ComponentKind, string>> = {
  text: 'text',
  encoder: 'encoder',
  decoder: 'decoder',
  vision: 'vision',
  audio: 'audio',
  projector: 'projector',
  draft: 'draft head',
  denoiser: 'denoiser',
  autoencoder: 'autoencoder',
  other: 'other layers',
};

/**
 * `32 layers; 291 tensors: 289 with a role, 2 unknown`. Where there are several components each is named:
 * `text 28 layers, vision 32 layers, projector; 730 tensors: all with a role`. A role is what a name says, or a guess
 * that is called one; it is no statement about the numbers.
 */
export function structureWords({ components, counts }: Pick<RoleMap, 'components' | 'counts'>): string {
  const { tensors, unknown, guessed } = counts;
  const parts = componentWords(components);
  const guesses = guessed === 0 ? '' : `, ${formatCount(guessed)} of them guessed from shapes and order`;
  const known = unknown === 0 ? `all with a role${guesses}` : `${formatCount(tensors - unknown)} with a role${guesses}`;
  const rest = unknown === 0 ? '' : `, ${formatCount(unknown)} unknown`;
  const counted = `${plural(tensors, 'tensor')}: ${tensors === unknown ? 'none with a role' : known + rest}`;
  return parts === '' ? counted : `${parts}; ${counted}`;
}

/** Stacks of one kind counted together: a diffusion model has dozens. */
function componentWords(components: readonly Component[]): string {
  const layers = new Map<ComponentKind, number>();
  for (const { kind, layers: own } of components) layers.set(kind, (layers.get(kind) ?? 0) + own.length);
  const words = (count: number): string => (count === 0 ? '' : plural(count, 'layer'));
  const [only, ...others] = layers;
  if (only === undefined) return '';
  if (others.length === 0 && (only[0] === 'text' || only[0] === 'other')) return words(only[1]);
  return [...layers].map(([kind, count]) => `${KINDS[kind]} ${words(count)}`.trim()).join(', ');
}

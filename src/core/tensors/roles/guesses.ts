import { guessRoles } from './guess.ts';
import type { Component, NamedTensor, TensorRole } from './role.ts';

/**
 * Gives guessed roles to what is left without one, where a graph says in which order it is used. The guessed layers are
 * those of the model's only stack when there are as many; else they become a component of their own.
 */
export function withGuesses(
  roles: readonly TensorRole[],
  tensors: readonly NamedTensor[],
  components: readonly Component[],
): { readonly roles: readonly TensorRole[]; readonly components: readonly Component[] } {
  const unknown = roles.flatMap(({ role, layer }, i) => (role === 'unknown' && layer === null ? [i] : []));
  const guesses = guessRoles(tensors, unknown);
  if (guesses.length === 0) return { roles, components };
  const [only, ...others] = components;
  const count = guesses.at(-1)!.layer + 1;
  const known = only !== undefined && others.length === 0 && only.layers.length === count ? only.layers : undefined;

  const place = known === undefined ? components.length : 0;
  const all = [...roles];
  const counts = components.map((component) => component.tensors);
  let elements = 0;
  for (const { index, role, layer } of guesses) {
    const { shape, origin } = tensors[index]!;
    const before = roles[index]!.component;
    if (before !== null) counts[before]! -= 1;
    const transposed = origin?.use?.transB !== true;
    const at = known === undefined ? layer : known[layer]!;
    all[index] = { ...roles[index]!, role, layer: at, component: place, transposed, by: 'shape' };
    elements += shape.reduce((n, d) => n * d, 1);
  }
  const changed = components.map((component, i) => ({ ...component, tensors: counts[i]! }));
  if (known !== undefined) {
    const merged = { ...only!, tensors: counts[0]! + guesses.length, stackElements: only!.stackElements + elements };
    return { roles: all, components: [merged] };
  }
  const own: Component = {
    prefix: '',
    // Shapes do not tell text from anything else that attends.
    kind: 'other',
    tower: 'text',
    layers: [...Array(count).keys()],
    tensors: guesses.length,
    stackElements: elements,
  };
  return { roles: all, components: [...changed, own] };
}

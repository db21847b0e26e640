import type { Component, RoleMap } from '../tensors/roles/role.ts';

/** For the components of either side, the number that it and its counterpart share. Those without one are not in it. */
export interface ComponentMatch {
  readonly a: ReadonlyMap<number, number>;
  readonly b: ReadonlyMap<number, number>;
}

type Alike = (a: Component, b: Component) => boolean;

/** From the surest to the least sure; within one in order of size, which is the order they come in. */
const STEPS: readonly Alike[] = [
  (a, b) => a.tower === b.tower && a.kind === b.kind && a.prefix === b.prefix,
  (a, b) => a.tower === b.tower && a.kind === b.kind && lastPart(a) === lastPart(b),
  (a, b) => a.tower === b.tower && a.kind === b.kind,
  (a, b) => a.tower === b.tower && STACKS.has(a.kind) && STACKS.has(b.kind),
];
/** One stack of a language model is called text by some containers and decoder by others. */
const STACKS: ReadonlySet<Component['kind']> = new Set(['text', 'encoder', 'decoder']);

export function matchComponents(a: RoleMap['components'], b: RoleMap['components']): ComponentMatch {
  // Tensors of no component belong together.
  const [inA, inB] = [new Map<number, number>(), new Map<number, number>()];
  for (const alike of STEPS) {
    for (const [i, one] of a.entries()) {
      if (inA.has(i)) continue;
      const j = b.findIndex((other, at) => !inB.has(at) && alike(one, other));
      if (j === -1) continue;
      inA.set(i, i);
      inB.set(j, i);
    }
  }
  return { a: inA, b: inB };
}

function lastPart({ prefix }: Component): string {
  return prefix.split('.').findLast((part) => part !== '') ?? '';
}

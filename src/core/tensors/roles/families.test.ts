/**
 * Real names of each family with the role that each has. `fixtures/roles/names.json` holds one layer of published models;
 * expectations were read by a person against the modelling code of the family.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeRoles } from './describe.ts';
import type { NamedTensor, RoleHint, TensorRole } from './role.ts';

interface FamilyRow {
  readonly source: string;
  readonly hint: RoleHint;
  /** `prefix kind layers`, sorted. */
  readonly components: readonly string[];
  /** Name → `layer.role.expert:parameter`. */
  readonly roles: Readonly<Record<string, string>>;
}

const path = join(import.meta.dirname, '../../../../fixtures/roles/names.json');
const families = JSON.parse(readFileSync(path, 'utf8')) as Record<string, FamilyRow>;

/** `3.up.7:bias`; layer and expert where there are any, the parameter where it is no weight. */
export function label({ role, layer, expert, parameter }: TensorRole): string {
  const place = [layer, role, expert].filter((part) => part !== null).join('.');
  return parameter === 'weight' ? place : `${place}:${parameter}`;
}

/** Vectors where the name says one, so that shapes do not contradict names. */
function tensorsOf(names: readonly string[]): NamedTensor[] {
  const vector = /norm|ln_|bias|gamma|beta/i;
  return names.map((name) => ({ name, shape: vector.test(name) ? [8] : [8, 8], dtype: 'BF16' }));
}

describe('roles by name', () => {
  it.each(Object.keys(families))('%s: every tensor has the role its model gives it', (family) => {
    const { hint, roles, components } = families[family]!;
    const map = describeRoles(tensorsOf(Object.keys(roles)), hint);
    expect(Object.fromEntries(Object.keys(roles).map((name, i) => [name, label(map.roles[i]!)]))).toEqual(roles);
    expect(map.components.map((c) => `${c.prefix} ${c.kind} ${c.layers.length}`).sort()).toEqual(components);
    const unknown = Object.values(roles).filter((role) => role.includes('unknown')).length;
    expect(map.counts).toMatchObject({ tensors: Object.keys(roles).length, unknown });
  });

  it.each(['module.', '_orig_mod.', 'module._orig_mod.', '_fsdp_wrapped_module.', 'base_model.model.'])(
    '%s in front of every name changes no role and no component',
    (wrapper) => {
      for (const [family, { hint, roles }] of Object.entries(families)) {
        if (family === 'unknowable' || family.startsWith('gguf')) continue;
        const plain = describeRoles(tensorsOf(Object.keys(roles)), hint);
        const wrapped = describeRoles(tensorsOf(Object.keys(roles).map((name) => wrapper + name)), hint);
        expect(wrapped.roles).toEqual(plain.roles);
        expect(wrapped.components).toEqual(plain.components);
      }
    },
  );

  it('the order of the tensors does not matter', () => {
    for (const { hint, roles } of Object.values(families)) {
      const names = Object.keys(roles);
      const forward = describeRoles(tensorsOf(names), hint);
      const backward = describeRoles(tensorsOf(names.toReversed()), hint);
      expect(backward.roles.toReversed().map(label)).toEqual(forward.roles.map(label));
      expect(backward.components).toEqual(forward.components);
    }
  });
});

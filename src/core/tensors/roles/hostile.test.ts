/** Names that mean harm: long, deep, many, or those of JavaScript itself. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLE_NAME_MAX, ROLE_STACKS_MAX } from '../../limits.ts';
import { describeRoles } from './describe.ts';
import { canonicalId } from './role.ts';

const tensor = (name: string) => ({ name, shape: [2, 2], dtype: 'F32' });

describe('hostile names', () => {
  it('a name above the cap is unknown and is not taken apart', () => {
    const long = `model.layers.0.${'self_attn.'.repeat(ROLE_NAME_MAX)}q_proj.weight`;
    const map = describeRoles([tensor(long), tensor('a.'.repeat(500)), tensor('/'.repeat(1000))]);
    expect(map.roles.map(({ role }) => role)).toEqual(['unknown', 'unknown', 'unknown']);
    expect(map.components).toEqual([]);
  });

  it('names of the language itself are names like others', () => {
    const names = [
      '__proto__',
      'constructor',
      'hasOwnProperty.weight',
      'layers.0.__proto__.weight',
      'layers.0.constructor',
    ];
    expect(describeRoles(names.map(tensor)).roles.map(({ role }) => role)).toEqual(names.map(() => 'unknown'));
  });

  it('more stacks than any model has get no component, and keep their role', () => {
    const names = Array.from({ length: ROLE_STACKS_MAX + 50 }, (_, i) =>
      tensor(`s${i}.layers.0.self_attn.q_proj.weight`),
    );
    const map = describeRoles(names);
    expect(map.components.length).toBe(ROLE_STACKS_MAX);
    expect(map.roles.filter(({ component }) => component === null)).toHaveLength(50);
  });

  it('any text gives a role, in range, once for each tensor', () => {
    const word = fc.constantFrom(
      'layers',
      'h',
      'blk',
      '0',
      '1',
      'experts',
      'attn',
      'mlp',
      'weight',
      'bias',
      '',
      '/',
      'wq',
      'norm',
      'lora_A',
    );
    const name = fc.oneof(
      fc.string(),
      fc.array(word, { maxLength: 12 }).map((words) => words.join('.')),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 20 }), fc.array(fc.nat(9), { maxLength: 4 }), (names, shape) => {
        const map = describeRoles(names.map((n) => ({ name: n, shape, dtype: 'F32' })));
        expect(map.roles).toHaveLength(names.length);
        expect(map.counts.known + map.counts.unknown).toBe(names.length);
        for (const role of map.roles) {
          if (role.component !== null) expect(map.components[role.component]).toBeDefined();
          expect(canonicalId(role)).toContain(role.suffix ?? role.role);
        }
        const owned = map.roles.filter(({ component }) => component !== null).length;
        expect(map.components.reduce((sum, { tensors }) => sum + tensors, 0)).toBe(owned);
      }),
    );
  });
});

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

  it('a table that encoder and decoder share belongs to those that have none of their own', () => {
    const layers = ['encoder.block.0.layer.0.SelfAttention.q.weight', 'decoder.block.0.layer.0.SelfAttention.q.weight'];
    const owners = (...embeds: string[]): unknown[] => {
      const { roles, components } = describeRoles(tensorsOf([...embeds, ...layers]));
      const prefix = (place: number | null): string | null => (place === null ? null : components[place]!.prefix);
      return roles.slice(0, embeds.length).map(({ component, alsoIn = [] }) => [component, ...alsoIn].map(prefix));
    };
    expect(owners('shared.weight')).toEqual([['decoder.', 'encoder.']]);
    expect(owners('shared.weight', 'decoder.embed_tokens.weight')).toEqual([['encoder.'], ['decoder.']]);
    expect(owners('shared.weight', 'encoder.embed_tokens.weight', 'decoder.embed_tokens.weight')).toEqual([
      [null],
      ['encoder.'],
      ['decoder.'],
    ]);
  });

  it('tables and masks are buffers wherever they are kept', () => {
    const names = [
      'model.layers.0.attn.rotary_emb.inv_freq',
      'h.3.attn.masked_bias',
      'x.layers.0.blocks.1.attn.relative_position_index',
      'embeddings.position_ids',
      'features.3.bn.num_batches_tracked',
    ];
    const { roles, counts } = describeRoles(names.map((name) => ({ name, shape: [], dtype: 'I64' })));
    expect(roles.map(({ role }) => role)).toEqual(names.map(() => 'buffer'));
    expect(counts).toMatchObject({ known: 5, unknown: 0, buffers: 5 });
  });

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

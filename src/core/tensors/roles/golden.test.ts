/** Roles against the ground truth of the lineage goldens, where these lie beside the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeRoles } from './describe.ts';
import { describeFile } from '../../formats/describe.ts';
import { fileSource } from '../../formats/expected.suite.ts';
import { hintFromConfig, hintFromGguf } from './hint.ts';
import { CANONICAL_ROLES, canonicalId, type NamedTensor, type RoleHint, type RoleMap } from './role.ts';

const LINEAGE = resolve(import.meta.dirname, '../../../../../shared/golden/lineage');
const HAS = existsSync(join(LINEAGE, 'canon.json'));

interface CanonComponent {
  readonly prefix: string;
  readonly kind: string;
  readonly info: { readonly L: number; readonly experts: number };
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[] }>>;
}
interface CanonModel {
  readonly components: readonly CanonComponent[];
  readonly unknown: readonly string[];
  readonly ignored: readonly string[];
}
interface FamilyModel {
  readonly components: readonly {
    readonly prefix: string;
    readonly kind: string;
    readonly info: { readonly L: number };
    readonly roles: readonly string[];
    readonly gains: readonly string[];
  }[];
  readonly unknown: readonly string[];
  readonly ignored: readonly string[];
}

function json<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

interface Opened {
  readonly tensors: readonly NamedTensor[];
  readonly hint: RoleHint;
}

/** All weight files of a folder; null when it has none (a PEFT adapter alone is no model). */
async function openFolder(folder: string): Promise<Opened | null> {
  const files = readdirSync(folder).filter((file) => /\.(?:safetensors|gguf|bin)$/.test(file));
  if (files.length === 0 || files.includes('adapter_model.safetensors')) return null;
  const path = join(folder, 'config.json');
  let hint = existsSync(path) ? hintFromConfig(json(path)) : {};
  const tensors: NamedTensor[] = [];
  for (const file of files) {
    const { opened } = await describeFile(fileSource(join(folder, file)), new AbortController().signal);
    if (opened === undefined) continue;
    if (opened.format === 'gguf') hint = hintFromGguf(opened.metadata);
    tensors.push(...opened.tensors);
  }
  return { tensors, hint };
}

/** Canonical ids per component, fused tensors and stacked experts taken apart, as the engine's canonical form has them. */
function idsOf({ roles, components }: RoleMap, tensors: readonly NamedTensor[]): Map<string, Set<string>> {
  const ids = new Map(components.map(({ prefix }) => [prefix, new Set<string>()]));
  roles.forEach((role, i) => {
    if (!CANONICAL_ROLES.has(role.role) || role.component === null) return;
    if (role.parameter === 'scale' || role.parameter.startsWith('lora')) return;
    const experts = role.expert === 'all' ? [...Array(tensors[i]!.shape[0]).keys()] : [role.expert];
    for (const component of [role.component, ...(role.alsoIn ?? [])]) {
      for (const expert of experts) {
        for (const part of role.parts?.map((p) => p.role) ?? [role.role]) {
          ids.get(components[component]!.prefix)!.add(canonicalId({ ...role, role: part, expert }));
        }
      }
    }
  });
  return ids;
}

const canon = HAS ? json<{ models: Record<string, CanonModel> }>(join(LINEAGE, 'canon.json')).models : {};
const families = HAS
  ? json<{ root: string; models: Record<string, FamilyModel> }>(join(LINEAGE, 'families.json'))
  : { root: '', models: {} };

describe.skipIf(!HAS)('roles of the lineage models (skipped when ../shared is not there)', () => {
  it.each(Object.keys(canon))('%s has the components, layers and canonical ids of canon.json', async (name) => {
    const folder = join(LINEAGE, 'models', name);
    const { tensors, hint } = (await openFolder(folder))!;
    const expected = canon[name]!;
    const map = describeRoles(tensors, hint);
    const stacks = map.components.filter(({ layers }) => layers.length > 0);
    expect(stacks.map((c) => [c.prefix, c.tower, c.layers.length])).toEqual(
      expected.components.map((c) => [c.prefix, c.kind, c.info.L]),
    );
    const ids = idsOf(map, tensors);
    for (const component of expected.components) {
      // A head that equals the embedding is a stored copy: that takes values to see.
      const head = component.tensors['head'] === undefined ? ['head'] : [];
      const found = [...ids.get(component.prefix)!].filter((id) => !head.includes(id));
      expect(found.sort()).toEqual(Object.keys(component.tensors).sort());
    }
    const unmapped = tensors.filter((_, i) => {
      const { role } = map.roles[i]!;
      return role !== 'buffer' && !CANONICAL_ROLES.has(role);
    });
    expect(unmapped.map((t) => t.name).sort()).toEqual([...expected.unknown].sort());
    const ignored = tensors.filter((_, i) => map.roles[i]!.role === 'buffer');
    expect(ignored.map((t) => t.name).sort()).toEqual([...expected.ignored].sort());
  });

  const mpk = HAS ? resolve(dirname(join(LINEAGE, 'families.json')), families.root) : '';
  it.each(Object.keys(families.models))('%s has the roles and gains of families.json', async (name) => {
    const folder = join(mpk, name);
    const { tensors, hint } = (await openFolder(folder))!;
    const expected = families.models[name]!;
    const map = describeRoles(tensors, hint);
    for (const component of expected.components) {
      const at = map.components.findIndex(({ prefix }) => prefix === component.prefix);
      expect(map.components[at]).toMatchObject({ tower: component.kind });
      expect(map.components[at]!.layers).toHaveLength(component.info.L);
      const own = map.roles.filter((r) => r.component === at && r.parameter !== 'scale' && CANONICAL_ROLES.has(r.role));
      const codes = own.flatMap((r) => r.parts?.map((p) => p.role) ?? [r.role]);
      const matrices = codes.filter((code) => /^(x?[qkvo]|up|down|gate|router)$/.test(code));
      const gains = codes.filter((code) => /^(g_|p_(?!emb)|qn|kn)/.test(code));
      expect([...new Set(matrices)].sort()).toEqual([...component.roles].sort());
      expect([...new Set(gains)].sort()).toEqual([...component.gains].sort());
    }
    const names = (test: (code: string) => boolean): string[] =>
      tensors
        .filter((_, i) => test(map.roles[i]!.role))
        .map((t) => t.name.replace(/\.gamma$/, '.weight').replace(/\.beta$/, '.bias'));
    expect(names((code) => code !== 'buffer' && !CANONICAL_ROLES.has(code as never)).sort()).toEqual(
      [...expected.unknown].sort(),
    );
    // The reference lists no masks of bytes and no integers.
    const floats = new Set(tensors.filter(({ dtype }) => /^B?F/.test(dtype)).map((t) => t.name));
    expect(
      names((code) => code === 'buffer')
        .filter((n) => floats.has(n))
        .sort(),
    ).toEqual([...expected.ignored].sort());
  });
});

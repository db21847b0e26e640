/** `docs/roles.md` is written from the tables: `npx vitest run src/core/tensors/roles/docs.test.ts -u`. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Family, RoleRow } from './family.ts';
import { OUTSIDE } from './outside.ts';
import { CANONICAL_ROLES, ROLE_TITLES, type RoleCode } from './role.ts';
import { FAMILIES } from './table.ts';

const INTRO = `# Roles: what a tensor is

The name of a tensor, and for some names what else the same layers hold, says what it is: its role, its layer, its expert and the component it belongs to. \`describeRoles\` in \`src/core/tensors/roles/\` reads it from the tables below; this page is written from
them by a test. A name that no table knows is \`unknown\` and is counted as that; nothing is guessed from a name. Wrappers of training tools (\`module.\`, \`_orig_mod.\`, \`_fsdp_wrapped_module.\`, \`base_model.model.\`) are seen through, and so are pieces of
quantised weights (\`.qweight\`, \`.scales\`, \`.weight_scale_inv\`, \`.absmax\` …) and of adapters (\`.lora_A\`, \`.lora_B\`): they have the role of their weight.

In ONNX graphs that have lost the names of their weights the node's path (\`/model/layers.0/self_attn/q_proj/MatMul\`) serves instead, marked \`graph\`. Where even that is missing, runs of at least two layers are guessed from the order and the shapes of their
matrices, marked \`shape\` and counted as guessed.

A family is a list of names inside a layer; some hold only where another name is there too. To add one: a family in one of the \`families-*.ts\` files and one layer of real names in \`fixtures/roles/names.json\`.
`;

const row = (value: RoleCode | RoleRow): RoleRow => (typeof value === 'string' ? { role: value } : value);
const code = (text: string): string => `\`${text}\``;
const list = (names: readonly string[]): string => names.map(code).join(', ');

function note({ layout, transposed, rotaryPairs, expert }: RoleRow): string {
  const words = [
    layout === undefined ? '' : `${layout} layout`,
    transposed === undefined ? '' : 'stored as [in, out] where its shape says so',
    rotaryPairs === undefined ? '' : 'rows paired for rotary positions',
    expert === 'all' ? 'experts stacked' : expert === 's' ? 'shared expert' : '',
  ].filter((text) => text !== '');
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

function condition({ when }: Family): string {
  if (when === undefined) return '';
  const words = [
    when.has === undefined ? '' : `with ${when.has.map(code).join(' or ')}`,
    when.lacks === undefined ? '' : `without ${list(when.lacks)}`,
    when.finalNorm === false ? 'without a norm after the layers' : '',
    when.architecture === undefined ? '' : `architecture ${when.architecture.join(', ')}`,
  ].filter((text) => text !== '');
  return `Only ${words.join('; ')}.\n\n`;
}

function byRole(names: Family['names']): string {
  const groups = new Map<string, string[]>();
  for (const [name, value] of Object.entries(names)) {
    const key = `${ROLE_TITLES[row(value).role]}${note(row(value))}`;
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups].map(([title, own]) => `- **${title}** ${list(own)}`).join('\n');
}

function page(): string {
  const titles = (canonical: boolean): string =>
    (Object.keys(ROLE_TITLES) as RoleCode[])
      .filter((role) => CANONICAL_ROLES.has(role) === canonical)
      .map((role) => `${code(role)} ${ROLE_TITLES[role]}`)
      .join(', ');
  const outside = Object.fromEntries(OUTSIDE);
  return [
    INTRO,
    `## Roles\n\nIn canonical ids (\`<layer>.<role>[.<expert>]\`): ${titles(true)}.\n\nTo say what a tensor is, and no more: ${titles(false)}.\n`,
    ...FAMILIES.map((family) => `## ${family.title}\n\n${condition(family)}${byRole(family.names)}\n`),
    `## Outside layers\n\nBy the last words of the name, whatever stands before them.\n\n${byRole(outside)}\n`,
  ].join('\n');
}

it('docs/roles.md says what the tables say', async () => {
  await expect(page()).toMatchFileSnapshot(join(import.meta.dirname, '../../../../docs/roles.md'));
});

it('every role is given to some name', () => {
  const given = new Set<RoleCode>(OUTSIDE.values());
  for (const { names } of FAMILIES) for (const value of Object.values(names)) given.add(row(value).role);
  for (const role of ['unknown', 'projector', 'optimizer', 'dense', 'recurrent'] as const) given.add(role);
  expect((Object.keys(ROLE_TITLES) as RoleCode[]).filter((role) => !given.has(role))).toEqual([]);
});

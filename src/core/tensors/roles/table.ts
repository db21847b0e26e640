/** The families put together: what a name inside a layer means, given what else the layers of its stack hold. */
import { DEEP_FAMILIES } from './families-deep.ts';
import { ENCODER_FAMILIES } from './families-encoder.ts';
import { GGUF_FAMILIES } from './families-gguf.ts';
import { MORE_FAMILIES } from './families-more.ts';
import { MEDIA_FAMILIES } from './families-media.ts';
import { TEXT_FAMILIES } from './families-text.ts';
import type { Family, RoleRow } from './family.ts';
import type { RoleCode } from './role.ts';

/** The visible list of families; later ones win, and those with a condition win over those without. */
export const FAMILIES: readonly Family[] = [
  ...MORE_FAMILIES,
  ...MEDIA_FAMILIES,
  ...TEXT_FAMILIES,
  ...ENCODER_FAMILIES,
  ...DEEP_FAMILIES,
  ...GGUF_FAMILIES,
];

const row = (value: RoleCode | RoleRow): RoleRow => (typeof value === 'string' ? { role: value } : value);
const rowsOf = (families: readonly Family[]): ReadonlyMap<string, RoleRow> =>
  new Map(
    families.flatMap(({ names }) =>
      Object.entries(names).map(([name, value]): [string, RoleRow] => [name, row(value)]),
    ),
  );

const ALWAYS = rowsOf(FAMILIES.filter(({ when }) => when === undefined));
const SOMETIMES = FAMILIES.filter(({ when }) => when !== undefined).map((family) => ({
  when: family.when ?? {},
  rows: rowsOf([family]),
}));

/** Every name that some family gives a role, whatever its condition: where the stack of a name ends. */
const ANY: ReadonlySet<string> = new Set(FAMILIES.flatMap(({ names }) => Object.keys(names)));

export function isLayerName(name: string): boolean {
  return ANY.has(name);
}

/** What is known of a stack when its names are given roles. */
export interface StackFacts {
  /** Names of its layers, parameters left out, experts as `*`. */
  readonly names: ReadonlySet<string>;
  readonly finalNorm: boolean;
  readonly architecture: string;
}

function isLike(architecture: string, name: string): boolean {
  return name.endsWith('*') ? architecture.startsWith(name.slice(0, -1)) : architecture === name;
}

/** The roles of one stack's names. */
export function rowsFor({ names, finalNorm, architecture }: StackFacts): (name: string) => RoleRow | undefined {
  const active = SOMETIMES.filter(
    ({ when }) =>
      (when.has === undefined || when.has.some((name) => names.has(name))) &&
      (when.lacks === undefined || !when.lacks.some((name) => names.has(name))) &&
      (when.finalNorm === undefined || when.finalNorm === finalNorm) &&
      (when.architecture === undefined || when.architecture.some((name) => isLike(architecture, name))),
  ).reverse();
  const found = new Map([...names].map((name) => [name, active.find(({ rows }) => rows.has(name))?.rows.get(name)]));
  return (name) => found.get(name) ?? ALWAYS.get(name);
}

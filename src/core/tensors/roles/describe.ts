/** Tensor names, shapes and types → roles, layers, experts, components. */
import { ROLE_STACKS_MAX } from '../../limits.ts';
import { isProjector, judgeKind, nameSides, newStack, Owners, type Stack } from './components.ts';
import type { RoleRow } from './family.ts';
import { geometryOf, isTransposed, judgeFused, orientationOf, type Geometry } from './geometry.ts';
import { genericRole, type GenericRole } from './generic.ts';
import { parseTensor } from './graph.ts';
import { withGuesses } from './guesses.ts';
import { KeyCache, type ParsedName } from './name.ts';
import { fusedParts } from './parts.ts';
import type { Component, HeadCounts, NamedTensor, RoleCode, RoleHint, RoleMap, TensorRole } from './role.ts';
import { rowsFor } from './table.ts';

/** Roles that hold the same thing in every layer that has them: with one of these, a layer of a stack is a draft head. */
const DRAFT_MARK: RoleCode = 'draft_in';

/** Several tensors of a layer may have one of these: its name in the layer tells them apart. */
const SUFFIX_ROLES = /^(?:ssm|rwkv)_/;

/** Stacks that one embedding may serve; real ones are two. */
const SHARED_BY_MAX = 8;

const TOKEN_HEADS: ReadonlySet<string> = new Set(['head', 'proj_out']);

/** One tensor on its way. */
interface Draft {
  readonly tensor: NamedTensor;
  readonly parsed: ParsedName | undefined;
  stack: Stack | null;
  alsoIn: readonly Stack[];
  row: GenericRole;
  readonly by: TensorRole['by'];
}

const UNKNOWN: RoleRow = { role: 'unknown' };

/**
 * What every tensor of a model is. Pure, and linear in the names: 50,000 take a fraction of a second.
 *
 * Give all tensors of one model at once (all shards, all towers): some names mean one thing or the other depending on
 * what else the same stack of layers holds, and components are counted over all of them. Names that no table knows stay
 * `unknown` and are counted; layer and component are still given where the name says them.
 *
 * The roles, components and fused layouts are those of the lineage signals' canonical form, with further roles for what
 * that leaves unmapped (`CANONICAL_ROLES` tells them apart).
 *
 * @param tensors names as stored; shapes outermost first; hostile names are fine
 */
export function describeRoles(tensors: readonly NamedTensor[], hint: RoleHint = {}): RoleMap {
  const stacks = new Map<string, Stack>();
  const keys = new KeyCache();
  const drafts = tensors.map((tensor): Draft => {
    const { parsed, graph } = parseTensor(tensor, keys);
    return { tensor, parsed, stack: null, alsoIn: [], row: UNKNOWN, by: graph ? 'graph' : 'name' };
  });
  const inStack = new Map<Stack, Draft[]>();
  const outside: Draft[] = [];
  for (const draft of drafts) {
    const { parsed } = draft;
    if (parsed === undefined) continue;
    if (parsed.stack === null) {
      outside.push(draft);
      continue;
    }
    const { prefix } = parsed.stack;
    let stack = stacks.get(prefix);
    if (stack === undefined) {
      if (stacks.size >= ROLE_STACKS_MAX) continue;
      stack = newStack(prefix);
      stacks.set(prefix, stack);
      inStack.set(stack, []);
    }
    inStack.get(stack)!.push(draft);
    draft.stack = stack;
  }
  nameSides([...stacks.values()]);
  placeOutside(outside, stacks, hint);

  const architecture = architectureOf(hint);
  const around = rolesAround(outside);
  for (const [stack, own] of inStack) {
    const names = new Set(own.map(({ parsed }) => parsed!.key));
    const rows = rowsFor({ names, finalNorm: around.get(stack)?.has('g_final') === true, architecture });
    for (const draft of own) draft.row = rows(draft.parsed!.key) ?? genericRole(draft.parsed!, draft.tensor) ?? UNKNOWN;
    judgeKind(stack, new Set(own.map(({ row }) => row.role)), around.get(stack) ?? new Set());
    judgeFused(own);
    splitDrafts(stack, own, stacks);
  }
  for (const { stack, parsed, tensor, row } of drafts) {
    if (stack === null) continue;
    stack.tensors += 1;
    if (parsed === undefined || parsed.stack === null || row.role === 'g_final') continue;
    stack.layers.add(parsed.stack.layer);
    stack.stackElements += tensor.shape.reduce((n, d) => n * d, 1);
  }
  const order = [...stacks.values()]
    .filter(({ tensors: count }) => count > 0)
    .sort((a, b) => b.stackElements - a.stackElements || (a.prefix < b.prefix ? -1 : 1));
  const place = new Map(order.map((stack, i) => [stack, i]));
  const geometries = new Map(order.map((stack) => [stack, geometryOf(inStack.get(stack) ?? [], architecture)]));
  const named = drafts.map((draft) => finish(draft, place, geometries, hint));
  const components = order.map(componentOf);
  const { roles, components: all } = withGuesses(named, tensors, components);
  return { roles, components: all, counts: countRoles(roles) };
}

function architectureOf({ architecture = '' }: RoleHint): string {
  return architecture.toLowerCase();
}

/** Roles of what lies outside layers, by the stack it belongs to. */
function rolesAround(outside: readonly Draft[]): ReadonlyMap<Stack, ReadonlySet<RoleCode>> {
  const around = new Map<Stack, Set<RoleCode>>();
  for (const { stack, alsoIn, row } of outside) {
    for (const owner of stack === null ? [] : [stack, ...alsoIn]) {
      const roles = around.get(owner);
      if (roles === undefined) around.set(owner, new Set([row.role]));
      else roles.add(row.role);
    }
  }
  return around;
}

/** Roles and owners of what is not in a layer. Projectors without layers become components of their own. */
function placeOutside(outside: readonly Draft[], stacks: Map<string, Stack>, hint: RoleHint): void {
  const owned = new Owners([...stacks.values()]);
  const embeds: { readonly draft: Draft; readonly owners: readonly Stack[] }[] = [];
  for (const draft of outside) {
    const parsed = draft.parsed!;
    const found: GenericRole | undefined =
      parsed.outside === undefined ? genericRole(parsed, draft.tensor) : { role: parsed.outside };
    draft.row = found ?? (isGraphConstant(draft.tensor, hint) ? { role: 'buffer' } : UNKNOWN);
    if (isProjector(parsed.parts)) {
      // A bridge is one thing to everybody outside it.
      if (draft.row.role !== 'buffer' && draft.row.role !== 'token_extra') draft.row = { role: 'projector' };
      draft.stack = projectorOf(parsed, stacks);
      continue;
    }
    const owners = owned.of(parsed);
    draft.stack = owners[0] ?? null;
    if (draft.row.role === 'embed') embeds.push({ draft, owners });
  }
  // These alone give classes or pixels, or tokens where there are tokens to begin with.
  if (embeds.length > 0) {
    for (const draft of outside) if (TOKEN_HEADS.has(draft.parsed!.key)) draft.row = { role: 'head' };
  }
  // A table that several stacks could own belongs to each that has none of its own; to nobody where all have one.
  const served = new Set(embeds.filter(({ owners }) => owners.length === 1).map(({ owners }) => owners[0]));
  for (const { draft, owners } of embeds) {
    if (owners.length < 2 || owners.length > SHARED_BY_MAX) continue;
    const [first = null, ...others] = owners.filter((stack) => !served.has(stack));
    draft.stack = first;
    draft.alsoIn = others;
  }
}

/** Shapes, axes and switches that a graph keeps as constants. */
function isGraphConstant({ dtype, shape }: NamedTensor, { format }: RoleHint): boolean {
  return format === 'onnx' && (dtype === 'I64' || dtype === 'BOOL') && shape.length < 2;
}

function projectorOf({ parts }: ParsedName, stacks: Map<string, Stack>): Stack | null {
  const at = parts.findIndex((part) => isProjector([part]));
  const prefix = `${parts.slice(0, at + 1).join('.')}.`;
  let stack = stacks.get(prefix);
  if (stack === undefined) {
    if (stacks.size >= ROLE_STACKS_MAX) return null;
    stack = { ...newStack(prefix), kind: 'projector' };
    stacks.set(prefix, stack);
  }
  return stack;
}

/** Layers that hold a draft head's input become a component of their own under the same prefix. */
function splitDrafts(stack: Stack, own: readonly Draft[], stacks: Map<string, Stack>): void {
  const layers = new Set(own.filter(({ row }) => row.role === DRAFT_MARK).map(({ parsed }) => parsed!.stack!.layer));
  if (layers.size === 0) return;
  const rest = own.some(({ parsed }) => !layers.has(parsed!.stack!.layer));
  if (!rest) {
    stack.kind = 'draft';
    return;
  }
  const draft: Stack = { ...stack, kind: 'draft', layers: new Set() };
  stacks.set(`${stack.prefix}#draft`, draft);
  for (const one of own) if (layers.has(one.parsed!.stack!.layer)) one.stack = draft;
}

function finish(
  { tensor, parsed, stack, alsoIn, row, by }: Draft,
  place: ReadonlyMap<Stack, number>,
  geometries: ReadonlyMap<Stack, Geometry>,
  hint: RoleHint,
): TensorRole {
  const geometry = (stack === null ? undefined : geometries.get(stack)) ?? {};
  const expert = parsed?.expert ?? row.expert ?? null;
  const transposed = isTransposed({ ...row, expert }, parsed, tensor.shape, geometry, architectureOf(hint));
  const bySuffix = parsed?.stack !== null && parsed !== undefined && SUFFIX_ROLES.test(row.role);
  const parts =
    row.layout === undefined || parsed?.parameter === 'scale' || parsed?.parameter === 'codes'
      ? undefined
      : fusedParts(row, orientationOf(tensor.shape, expert, transposed), headsOf(stack, hint));
  return {
    role: row.role,
    parameter: row.parameter ?? parsed?.parameter ?? 'weight',
    // Some exporters count the last norm as one more layer.
    layer: row.role === 'g_final' ? null : (parsed?.stack?.layer ?? null),
    ...(bySuffix ? { suffix: parsed.key } : {}),
    expert,
    component: stack === null ? null : place.get(stack)!,
    ...(alsoIn.length === 0 ? {} : { alsoIn: alsoIn.map((other) => place.get(other)!) }),
    transposed,
    rotaryPairs: row.rotaryPairs === true,
    ...(parts === undefined ? {} : { parts }),
    by,
  };
}

function headsOf(stack: Stack | null, { heads }: RoleHint): HeadCounts | undefined {
  if (stack === null || heads === undefined) return undefined;
  const { kind, tower } = stack;
  if (kind === 'encoder' || kind === 'decoder') return heads[kind] ?? heads.text;
  return heads[tower];
}

function componentOf({ prefix, kind, tower, layers, tensors, stackElements }: Stack): Component {
  return { prefix, kind, tower, layers: [...layers].sort((a, b) => a - b), tensors, stackElements };
}

function countRoles(roles: readonly TensorRole[]): RoleMap['counts'] {
  let [unknown, buffers, guessed] = [0, 0, 0];
  for (const { role, by } of roles) {
    if (role === 'unknown') unknown++;
    else if (role === 'buffer') buffers++;
    else if (by === 'shape') guessed++;
  }
  return { tensors: roles.length, known: roles.length - unknown, unknown, buffers, guessed };
}

import { childrenOf, isContainer } from '../../content/pickle/graph.ts';
import {
  asItems,
  isGlobal,
  isNode,
  keyText,
  type PyCall,
  type PyContainer,
  type PyValue,
} from '../../content/pickle/value.ts';
import { AppError } from '../../errors.ts';
import { TENSORS_MAX } from '../../limits.ts';

/** Something found in a described object, with the steps that lead to it. */
export interface Found {
  readonly path: readonly string[];
  readonly value: PyContainer;
}

/** Nodes visited; sharing can make a small file a long walk. Real checkpoints have fewer than a million. */
const VISITS_MAX = 4_000_000;

/**
 * Finds what `isLeaf` accepts, in the order a person would list it: table entries in their order, attributes last, the
 * same object once for every way that leads to it. Does not look inside a leaf, nor into what holds none.
 *
 * @throws AppError FORMAT_COUNT_TOO_LARGE
 */
export function findLeaves(root: PyValue | undefined, isLeaf: (value: PyContainer) => boolean): Found[] {
  const found: Found[] = [];
  if (!isContainer(root)) return found;
  const holds = leafHolders(root, isLeaf);
  const onPath = new Set<PyContainer>();
  let visits = 0;
  const stack: {
    readonly node: PyContainer;
    readonly path: readonly string[];
    readonly steps: Step[];
    next: number;
  }[] = [];
  const visit = (value: PyValue, path: readonly string[]): void => {
    if (!isContainer(value) || !holds.has(value) || onPath.has(value)) return;
    visits += 1;
    if (visits > VISITS_MAX || found.length > TENSORS_MAX) {
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'tensors', limit: TENSORS_MAX });
    }
    if (isLeaf(value)) return void found.push({ path, value });
    onPath.add(value);
    stack.push({ node: value, path, steps: stepsOf(value), next: 0 });
  };
  visit(root, []);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const step = frame.steps[frame.next];
    frame.next += 1;
    if (step === undefined) {
      stack.pop();
      onPath.delete(frame.node);
    } else visit(step.value, step.name === null ? frame.path : [...frame.path, step.name]);
  }
  return found;
}

interface Step {
  /** Null: the step does not show in the path. */
  readonly name: string | null;
  readonly value: PyValue;
}

/** Named parts of a container. Arguments of a call are parts of its result only where the class is known to keep them. */
function stepsOf(node: PyContainer): Step[] {
  if (node.kind === 'dict') return assignments(node.items);
  if (node.kind === 'list' || node.kind === 'tuple' || node.kind === 'set') return numbered(node.items);
  if (node.kind === 'persistent') return [];
  const objects = arrayObjects(node);
  if (objects !== null) return objects;
  const steps = [...keptArguments(node), ...assignments(node.assigned ?? []), ...numbered(node.appended ?? [])];
  // The attributes of an OrderedDict are its bookkeeping (`_metadata`), not entries.
  const ordered = isGlobal(node.callee, 'collections', 'OrderedDict');
  if (node.state === undefined || ordered) return steps;
  // `(attributes, slots)`, each possibly None.
  const halves = asItems(node.state);
  const pair = halves !== null && isNode(node.state) && node.state.kind === 'tuple' && halves.length === 2;
  if (pair && halves.every((half) => half === null || (isNode(half) && half.kind === 'dict'))) {
    return [...steps, ...halves.map((value) => ({ name: null, value }))];
  }
  return [...steps, { name: null, value: node.state }];
}

/** Items of a NumPy array of objects: the state is `(version, shape, dtype, fortran, list)`. One object alone has no index. */
function arrayObjects(node: PyCall): Step[] | null {
  if (!isGlobal(node.callee) || node.callee.name !== '_reconstruct' || !node.callee.module.startsWith('numpy'))
    return null;
  const state = asItems(node.state) ?? [];
  const items = asItems(state.at(-1));
  if (items === null || state.length < 4) return [];
  const alone = items.length === 1 && asItems(state.at(-4))?.length === 0;
  return alone ? [{ name: null, value: items[0]! }] : numbered(items);
}

/** `OrderedDict([[key, value], …])` as Python 2 wrote it; fields of a named tuple. */
function keptArguments(call: PyCall): Step[] {
  if (call.op === 'NEWOBJ') return numbered(call.args);
  const [first] = call.args;
  if (!isGlobal(call.callee) || !['OrderedDict', 'dict'].includes(call.callee.name)) return [];
  const pairs = asItems(first)?.map((pair) => asItems(pair)) ?? [];
  return assignments(pairs.flatMap((pair) => (pair?.length === 2 ? pair : [])));
}

function numbered(items: readonly PyValue[]): Step[] {
  return items.map((value, i) => ({ name: String(i), value }));
}

/** Key, value, key, value … A key that is set again keeps its place and takes the new value, as in Python. */
function assignments(items: readonly PyValue[]): Step[] {
  const steps: { name: string | null; value: PyValue }[] = [];
  const places = new Map<string, number>();
  for (let i = 0; i + 1 < items.length; i += 2) {
    const key = items[i]!;
    const name = keyText(key) ?? `#${i / 2}`;
    const identity = `${typeof key}:${name}`;
    const place = places.get(identity);
    if (place !== undefined) {
      steps[place]!.value = items[i + 1]!;
      continue;
    }
    places.set(identity, steps.length);
    steps.push({ name, value: items[i + 1]! });
  }
  return steps;
}

/** The containers through which a leaf can be reached, each looked at once. */
function leafHolders(root: PyContainer, isLeaf: (value: PyContainer) => boolean): Set<PyContainer> {
  const parents = new Map<PyContainer, PyContainer[]>();
  const leaves: PyContainer[] = [];
  const waiting: PyContainer[] = [root];
  parents.set(root, []);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isLeaf(node)) {
      leaves.push(node);
      continue;
    }
    for (const child of childrenOf(node)) {
      if (!isContainer(child)) continue;
      const known = parents.get(child);
      if (known === undefined) {
        parents.set(child, [node]);
        waiting.push(child);
      } else known.push(node);
    }
  }
  const holders = new Set<PyContainer>(leaves);
  const upward = [...leaves];
  for (let node = upward.pop(); node !== undefined; node = upward.pop()) {
    for (const parent of parents.get(node) ?? []) {
      if (holders.has(parent)) continue;
      holders.add(parent);
      upward.push(parent);
    }
  }
  return holders;
}

/** Containers of a module that only say what kind of part follows. */
const SILENT = new Set(['_modules', '_parameters', '_buffers']);

/** The name of a tensor: its path without what only sorts, joined by dots. */
export function tensorName(path: readonly string[]): string {
  const name = path.filter((step) => !SILENT.has(step)).join('.');
  return name === '' ? '<root>' : name;
}

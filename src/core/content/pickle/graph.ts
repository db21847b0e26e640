import { PICKLE_DEPTH_NOTED, PICKLE_LEAVES_NOTED } from '../../limits.ts';
import { isNode, type PyContainer, type PyValue } from './value.ts';

/** The shape of a described object, found without following any path twice. */
export interface GraphFacts {
  /** Longest chain met on the way; sharing may hide longer ones. */
  readonly depth: number;
  /** Leaves if every shared part were written out at each place it is used. */
  readonly leaves: number;
  readonly containers: number;
  /** A list, tuple, dict or set contains itself. Objects that refer back to their owner are ordinary and do not count. */
  readonly cyclic: boolean;
}

/** On the path from the root to here. */
const OPEN = -1;

interface Frame {
  readonly node: PyContainer;
  readonly children: readonly PyValue[];
  next: number;
  weight: number;
  /** Frames up to here, this one included, that are calls. */
  readonly calls: number;
}

/** Walks once over every container reachable from `root`, without recursion. */
export function graphFacts(root: PyValue | undefined): GraphFacts {
  let depth = 0;
  let containers = 0;
  let cyclic = false;
  let leaves = 1;
  const path: Frame[] = [];
  const places = new Map<PyContainer, number>();
  const enter = (node: PyContainer): void => {
    containers += 1;
    places.set(node, path.length);
    node.weight = OPEN;
    const calls = (path.at(-1)?.calls ?? 0) + (node.kind === 'call' ? 1 : 0);
    path.push({ node, children: childrenOf(node), next: 0, weight: 0, calls });
    depth = Math.max(depth, path.length);
  };
  if (isContainer(root)) enter(root);
  for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
    if (frame.next >= frame.children.length) {
      path.pop();
      places.delete(frame.node);
      frame.node.weight = Math.max(1, frame.weight);
      const parent = path.at(-1);
      if (parent === undefined) leaves = frame.node.weight;
      else parent.weight += frame.node.weight;
      continue;
    }
    const child = frame.children[frame.next];
    frame.next += 1;
    if (!isContainer(child)) frame.weight += 1;
    else if (child.weight === 0) enter(child);
    else if (child.weight === OPEN) {
      const place = places.get(child) ?? 0;
      const callsBefore = place === 0 ? 0 : path[place - 1]!.calls;
      if (frame.calls === callsBefore) cyclic = true;
      frame.weight += 1;
    } else frame.weight += child.weight;
  }
  return { depth, leaves, containers, cyclic };
}

export function isContainer(value: PyValue | undefined): value is PyContainer {
  return isNode(value) && 'weight' in value;
}

/** Everything a container refers to, in a fixed order. */
export function childrenOf(node: PyContainer): readonly PyValue[] {
  if (node.kind === 'persistent') return [node.id];
  if (node.kind !== 'call') return node.items;
  const children: PyValue[] = [node.callee, ...node.args, node.kwargs];
  for (const list of [node.appended, node.assigned]) for (const item of list ?? []) children.push(item);
  if (node.state !== undefined) children.push(node.state);
  return children;
}

/** The facts that are worth saying. */
export function graphSigns(facts: GraphFacts): readonly ('cyclic' | 'deep' | 'exponential')[] {
  const signs: ('cyclic' | 'deep' | 'exponential')[] = [];
  if (facts.cyclic) signs.push('cyclic');
  if (facts.depth > PICKLE_DEPTH_NOTED) signs.push('deep');
  if (facts.leaves > PICKLE_LEAVES_NOTED && facts.leaves > facts.containers * 1000) signs.push('exponential');
  return signs;
}

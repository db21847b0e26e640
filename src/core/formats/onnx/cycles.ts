import { AppError } from '../../errors.ts';
import { nodeLabel } from './walk.ts';
import type { OnnxFunction, OnnxNode } from './types.ts';

/**
 * Nodes of one graph in an order in which each follows what it reads (Kahn). Nodes out of order are only untidy; nodes
 * that wait for each other can never run.
 *
 * @throws AppError FORMAT_CYCLE
 */
export function refuseCycles(nodes: readonly OnnxNode[]): void {
  const producer = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.outputs) if (output !== '' && !producer.has(output)) producer.set(output, index);
  });
  const waiting = new Int32Array(nodes.length);
  const readers = new Map<number, number[]>();
  nodes.forEach((node, index) => {
    for (const input of node.inputs) {
      const from = producer.get(input);
      if (from === undefined) continue;
      waiting[index] = (waiting[index] ?? 0) + 1;
      const list = readers.get(from);
      if (list === undefined) readers.set(from, [index]);
      else list.push(index);
    }
  });
  const ready: number[] = [];
  waiting.forEach((count, index) => {
    if (count === 0) ready.push(index);
  });
  let done = 0;
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    done += 1;
    for (const reader of readers.get(next) ?? []) {
      const left = (waiting[reader] ?? 0) - 1;
      waiting[reader] = left;
      if (left === 0) ready.push(reader);
    }
  }
  if (done === nodes.length) return;
  const stuck = waiting.findIndex((count) => count > 0);
  const node = nodes[stuck];
  throw new AppError('FORMAT_CYCLE', { node: node === undefined ? '' : nodeLabel(node, stuck).slice(0, 200) });
}

/** Functions that call each other in a circle expand without end. @throws AppError FORMAT_CYCLE */
export function refuseFunctionCycles(functions: readonly OnnxFunction[]): void {
  const key = (domain: string, name: string): string => `${domain}\u0000${name}`;
  const callees = new Map<string, Set<string>>();
  for (const fn of functions) callees.set(key(fn.domain, fn.name), new Set());
  for (const fn of functions) {
    const own = callees.get(key(fn.domain, fn.name));
    for (const called of calledBy(fn.nodes)) {
      const callee = key(called.domain, called.opType);
      if (callees.has(callee)) own?.add(callee);
    }
  }
  // Functions that call no function left in the map fall away, again and again; what stays is a circle.
  const callers = new Map<string, string[]>();
  for (const [name, set] of callees) {
    for (const callee of set) {
      const list = callers.get(callee);
      if (list === undefined) callers.set(callee, [name]);
      else list.push(name);
    }
  }
  const leaves = [...callees].filter(([, set]) => set.size === 0).map(([name]) => name);
  for (let leaf = leaves.pop(); leaf !== undefined; leaf = leaves.pop()) {
    callees.delete(leaf);
    for (const caller of callers.get(leaf) ?? []) {
      const set = callees.get(caller);
      set?.delete(leaf);
      if (set?.size === 0) leaves.push(caller);
    }
  }
  const [stuck] = callees.keys();
  if (stuck !== undefined) throw new AppError('FORMAT_CYCLE', { node: stuck.replace('\u0000', '::').slice(0, 200) });
}

function* calledBy(nodes: readonly OnnxNode[]): Generator<OnnxNode> {
  for (const node of nodes) {
    yield node;
    for (const { graph, graphs } of node.attributes) {
      for (const inner of graph === null ? graphs : [graph, ...graphs]) yield* calledBy(inner.nodes);
    }
  }
}

/** What the operators that make weights of codes have in common. */
import type { TensorEntry } from '../../tensors/entry.ts';
import type { OnnxNode } from './types.ts';

/** Types of scales, and of what comes out. */
export const SCALES: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16']);

/** A constant of the file by the name that an edge has. */
export type Find = (name: string) => TensorEntry | undefined;

/** An integer attribute, where it is one that fits. */
export function attribute(node: OnnxNode, name: string): number | undefined {
  const value = node.attributes.find((one) => one.name === name)?.int;
  const number = value === null || value === undefined ? undefined : Number(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

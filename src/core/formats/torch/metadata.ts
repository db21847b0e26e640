import type { MetaEntry } from '../format.ts';
import type { OtherTensor } from './collect.ts';

/** Lists of names as metadata entries, cut for display. */
export function listMetadata(lists: Readonly<Record<string, readonly string[]>>, kept: number): MetaEntry[] {
  return Object.entries(lists).map(([key, values]) => ({
    key,
    type: 'ARRAY',
    value: {
      elementType: 'STRING',
      length: values.length,
      values: values.slice(0, kept).map((value) => value.slice(0, 300)),
    },
  }));
}

/** Tensors that are only described (meta device) or made of several (sparse, nested): shape and kind, as text. */
export function otherMetadata(others: readonly OtherTensor[]): MetaEntry[] {
  return others.map(({ name, plan }) => ({
    key: `${plan.kind} tensor ${name}`.slice(0, 300),
    type: 'STRING',
    value: [plan.layout, plan.dtype, `[${plan.size.join(', ')}]`, plan.parts.map((part) => part.name).join(' + ')]
      .filter((part) => part !== '')
      .join(' '),
  }));
}

/** How the numbers of a tensor lie in a container, seen from the order Hugging Face's files have. */

export type Order =
  /** Whole rows of the first dimension changed places; `row` says where a row lies. */
  | { readonly kind: 'rows'; readonly row: (row: number) => number }
  /** Two dimensions, stored column by column. */
  | { readonly kind: 'transposed' };

export interface Arrangement {
  readonly order?: Order;
  /** Added to every stored number. */
  readonly shift?: number;
}

/** Row-major index → index among the stored numbers. @param shape as Hugging Face's file has it */
export function placeIn(order: Order, shape: readonly number[]): (index: number) => number {
  const rows = shape[0] ?? 1;
  const columns = shape.slice(1).reduce((product, n) => product * n, 1);
  if (order.kind === 'transposed') return (index) => (index % columns) * rows + Math.floor(index / columns);
  return (index) => order.row(Math.floor(index / columns)) * columns + (index % columns);
}

/**
 * llama.cpp lays the two halves of each head's rotary dimensions next to each other (its `permute`, conversion of Llama
 * and its kin); transformers undoes it in `_reverse_permute_weights`.
 */
export function rotaryRows(rows: number, heads: number): Order | null {
  const size = rows / heads;
  if (!Number.isInteger(size) || size % 2 !== 0) return null;
  const half = size / 2;
  const row = (index: number): number => {
    const inside = index % size;
    return index - inside + (inside % half) * 2 + Math.floor(inside / half);
  };
  return { kind: 'rows', row };
}

/**
 * Queries, keys and values of one group of heads after another become all queries, all keys, all values (conversions of
 * BLOOM, GPT-NeoX and Falcon).
 */
export function groupedRows(rows: number, heads: number, keyHeads: number): Order | null {
  const perGroup = heads / keyHeads;
  const size = rows / (heads + 2 * keyHeads);
  if (!Number.isInteger(perGroup) || !Number.isInteger(size)) return null;
  const row = (index: number): number => {
    const inside = index % size;
    const slot = Math.floor(index / size) % (perGroup + 2);
    const group = Math.floor(index / (size * (perGroup + 2)));
    const head = slot < perGroup ? group * perGroup + slot : heads + (slot - perGroup) * keyHeads + group;
    return head * size + inside;
  };
  return { kind: 'rows', row };
}

/** Nested values for display, cut to what a person can look at. Everything in it may come from a hostile file. */
export type Tree =
  /** `length` counts UTF-16 units of the whole; `text` may be cut. */
  | { readonly kind: 'text'; readonly text: string; readonly length: number }
  /** A number, a boolean or null, as written. */
  | { readonly kind: 'value'; readonly text: string }
  /** Bytes that are no text, as hex; may be cut. */
  | { readonly kind: 'bytes'; readonly hex: string }
  /** `length` counts the items of the whole; `of` names their type where the format has one. */
  | { readonly kind: 'list'; readonly length: number; readonly items: readonly Tree[]; readonly of?: string }
  /** Keys may repeat. */
  | {
      readonly kind: 'table';
      readonly length: number;
      readonly members: readonly (readonly [key: string, value: Tree])[];
    };

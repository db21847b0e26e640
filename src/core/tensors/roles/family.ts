/** The form of the tables that say which names have which roles. */
import type { RoleCode } from './role.ts';

/**
 * How a fused tensor is laid out along its output dimension.
 *
 * - `concat`: one part after the other. For qkv: q, then k, v, with as many heads as they have.
 * - `heads`: each head has its q, k, v (GPT-NeoX, BLOOM).
 * - `groups`: each key-value head has its queries, then k, v (InternLM2, Falcon's new architecture).
 * - `falcon`: `groups`, or `heads` where there are as many keys as queries, or `concat` with one key-value head.
 * - `codegen`: four blocks of q, v, k (model-parallel training of CodeGen).
 * - `swapped`: `concat` with the parts in the other order (up before gate).
 * - `interleaved`: gate, up, gate, up … (gpt-oss).
 */
export type FusedLayout = 'concat' | 'heads' | 'groups' | 'falcon' | 'codegen' | 'swapped' | 'interleaved';

export interface RoleRow {
  readonly role: RoleCode;
  readonly layout?: FusedLayout;
  /** Stored as [in, out]: always, or when the shape says so (`by-shape`, the Conv1D of GPT-2). */
  readonly transposed?: true | 'by-shape';
  readonly rotaryPairs?: true;
  readonly expert?: 's' | 'all';
}

export interface Family {
  readonly title: string;
  /**
   * When its rows count, for one stack of layers. `has`: one of these names is in a layer. `lacks`: none of them is.
   * `finalNorm`: there is a norm after the stack. `architecture`: the hint is one of these; a star stands for any ending. All that are given must hold.
   */
  readonly when?: {
    readonly has?: readonly string[];
    readonly lacks?: readonly string[];
    readonly finalNorm?: boolean;
    readonly architecture?: readonly string[];
  };
  /** Name inside a layer, `.weight` left out, an expert's number as `*` → role. Later families win. */
  readonly names: Readonly<Record<string, RoleCode | RoleRow>>;
}

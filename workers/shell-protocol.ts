/** What page and service worker say to each other. Types only. */
export type ShellCommand =
  /** Store everything still missing; answers come on the transferred port. */
  | { readonly type: 'fill' }
  /** Take over now: the person asked for the update. */
  | { readonly type: 'activate' };

/** How far storing is; the last one has `done`. Less than `total` stored then means that the network failed. */
export interface FillReply {
  readonly stored: number;
  readonly total: number;
  readonly done: boolean;
}

/** `allowed`: on the reviewed list. `dangerous`: known to run or reach something. `unknown`: neither, so nobody here can say. */
export type ImportClass = 'allowed' | 'dangerous' | 'unknown';

/** What a dangerous name does, in the words of a sentence: “known to …”. */
export type Danger =
  'code' | 'files' | 'import' | 'indirect' | 'interpreter' | 'network' | 'pickle' | 'program' | 'resource';

/** One name that a pickle would import. Importing alone runs the top level of its module. */
export interface PickleImport {
  /** As written in the stream; `<computed>` when no text states it. Hostile text. */
  readonly module: string;
  readonly name: string;
  readonly class: ImportClass;
  /** Only for `dangerous`. */
  readonly danger?: Danger;
  /** Byte offset of the first importing opcode within its pickle file or archive entry. */
  readonly position: number;
  /** The same as an offset in the artifact, unless the entry is compressed or computed. */
  readonly offset?: number;
  /** How often it is imported. */
  readonly count: number;
  /** Called (or instantiated) with arguments, not only referred to. */
  readonly called: boolean;
  /** Archive entry that holds the pickle. */
  readonly member?: string;
}

/** What claims are looked for in: the paths of the artifacts, and a bounded way to read one of them. */
export interface FolderFile {
  /** `/`-separated. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface Folder {
  readonly files: readonly FolderFile[];
  /**
   * The whole of one file.
   * @throws AppError SOURCE_*; SOURCE_TOO_LARGE when it has more than `limit` bytes
   */
  read(path: string, limit: number): Promise<Uint8Array>;
}

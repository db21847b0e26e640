/** References to a model on Hugging Face, as people write them. Pure text work: no request is made here. */
export interface HubRef {
  /** `org/name`, or a bare legacy name such as `gpt2`. */
  readonly repo: string;
  /** Branch, tag or commit as asked for; absent: `main`. */
  readonly revision?: string;
  /** One file of the repository. */
  readonly file?: string;
}

/** A repository at a commit: what every request and every word uses after the first look-up. */
export interface HubSnapshot {
  readonly repo: string;
  /** 40 lower-case hex digits. */
  readonly commit: string;
  /** What was asked for, when it was not the commit itself. */
  readonly revision?: string;
  /** The name asked for, when the repository has another one now (renamed or moved). */
  readonly asked?: string;
  readonly files: readonly HubFile[];
  /** ISO time of the listing. */
  readonly read: string;
}

export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** SHA-256 of the content, stated for files in LFS or Xet. */
  readonly sha256?: string;
  /** Git blob id: of the content for ordinary files, of the pointer for LFS files. */
  readonly blobId: string;
}

/** What a check may be about. Words for each are in `report/words/`; a report from elsewhere may hold others. */
export const CHECK_KINDS = [
  /** A file's bytes against a stated digest. */
  'file-digest',
  /** A file's length against a stated one, where the bytes were not read. Equal lengths are never a match. */
  'file-size',
  /** Listed and not here. */
  'file-missing',
  /** Here and not in a list that names everything. */
  'file-extra',
  /** A weight file that no claim speaks about, while others are spoken about. */
  'file-unclaimed',
  /** A digest without a name that no file has, or a file that nothing in a repository equals. */
  'digest-nowhere',
  /** Stored bytes of tensors against stated digests. */
  'tensor-digest',
  /** A tensor that is listed and not in the file. */
  'tensor-missing',
  /** All tensors' stored bytes against one stated digest (gguf-hash). */
  'tensor-data-digest',
  /** A claim that could not be read or fetched. */
  'claim-unreadable',
  /** A line of a claim that must not be used. */
  'claim-line',
  /** Lines of a claim that were not understood. */
  'claim-skipped',
  /** Nobody's statement was found or given. */
  'nothing-claimed',
  /** The folder says which repository and commit it is, and that was not compared. */
  'stated-origin',
  /** The bytes were published before, by the database. */
  'known-file',
  /** The database could not be used. */
  'database',
  /** The file ends where its own header says it does, with every tensor inside. */
  'container-bounds',
  /** The header could not be understood. */
  'container',
  /** The name promises weights and the bytes are something else. */
  'not-a-model',
  /** The file could not be read, or was not read to its end. */
  'file-read',
  /** Shards, index and configuration of one model against each other. */
  'set',
  /** Sizes that a configuration states are those of the tensors. Where they differ there is a finding. */
  'config-shapes',
  /** A signed statement about the files, as a whole; or that none lies beside them. */
  'signature',
  /** Who signed, against who signed for this publisher before; kept on the person’s own device. */
  'signer-memory',
  /** Somebody else signed than the one expected of this publisher. */
  'signer-changed',
  /** A statement that nobody signed (DVC, MLEM, most bills of materials), as a whole. */
  'record',
  /** All tensors against those of another model, decoded: whether they hold the same numbers. */
  'same-weights',
] as const;

export type CheckKind = (typeof CHECK_KINDS)[number];

/** Checks in which somebody's statement about bytes was compared with these bytes. */
export const CLAIM_KINDS_COMPARED: ReadonlySet<string> = new Set<CheckKind>([
  'file-digest',
  'digest-nowhere',
  'tensor-digest',
  'tensor-missing',
  'tensor-data-digest',
]);

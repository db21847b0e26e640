/** What an attestation kind is given, and what it gives. A kind is one file (or folder) and one line in `registry.ts`. */
import type { Algorithm, HashProvider } from '../../hash/hasher.ts';
import type { FormatId, MetaEntry } from '../../formats/format.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { FolderFile } from '../folder.ts';
import type { Attestation, TrustOrigin } from './attestation.ts';
import type { TrustMemory } from './sigstore/trust-memory.ts';

/** The files beside an attestation, with digests that were computed of them. */
export interface AttestedFolder {
  readonly files: readonly FolderFile[];
  /**
   * Lower-case hex of a file's digest, or of a range of its bytes (end exclusive).
   * @throws AppError SOURCE_*; SOURCE_NOT_FOUND when there is no such file
   */
  digest(path: string, algorithm: Algorithm, range?: readonly [start: number, end: number]): Promise<string>;
  /** The whole of a small file. @throws AppError SOURCE_*, SOURCE_TOO_LARGE */
  read(path: string, limit: number): Promise<Uint8Array>;
  /** Bytes [start, end) of a file's header or the like. @throws AppError SOURCE_* */
  range?(path: string, start: number, end: number): Promise<Uint8Array>;
  /** The bytes in order, for digests of a changed form (DVC's old rule). @throws AppError SOURCE_* */
  stream(path: string): AsyncIterable<Uint8Array>;
  /** What the scan read in a file's header. Absent where it opened none, and outside a scan. */
  header?(path: string): FileHeader | undefined;
}

/** What a statement can be held against besides bytes. */
export interface FileHeader {
  readonly format?: FormatId;
  readonly metadata: readonly MetaEntry[];
  readonly tensors: readonly TensorEntry[];
}

/** Something a person supplied to check with: a key, a certificate, a trust root, a policy. */
export interface Supplied {
  readonly bytes: Uint8Array;
  readonly origin: TrustOrigin;
  /** By which name bundles ask for this key, where its owner publishes one. */
  readonly keyId?: string;
  /** Days on which a key counts, ISO; absent: always. */
  readonly validFor?: { readonly start?: string; readonly end?: string };
}

/** Exactly whom the person expects to have signed. */
export interface ExpectedSigner {
  readonly identity: string;
  readonly issuer?: string;
  /** Who says so, when it is not the person just now. */
  readonly origin?: TrustOrigin;
}

/** One signer that the person accepted on an earlier day. See `remembered.ts`. */
export interface RememberedTrust {
  /** Ids of the kinds it was accepted for; empty: any. */
  readonly attestations: readonly string[];
  readonly signers: readonly ExpectedSigner[];
  readonly keys: readonly Supplied[];
  readonly roots: readonly Supplied[];
  readonly trustedRoots: readonly Supplied[];
}

/** What a person keeps on this device for every check. See `kept.ts`. */
export interface KeptTrust {
  /** Sigstore's public-good trust root, renewed by TUF; absent: the shipped one. */
  readonly publicRoot?: Supplied;
  /** Each under the name the person gave it. */
  readonly keys: readonly Supplied[];
  readonly roots: readonly Supplied[];
  /** Of other Sigstore instances, beside the public one. */
  readonly trustedRoots: readonly Supplied[];
}

/** What is relied on and what is expected. Nothing in it comes from the attestation itself. */
export interface Expectations {
  /** Public keys as PEM (SubjectPublicKeyInfo) or in the form of the tool: minisign, OpenSSH. */
  readonly keys: readonly Supplied[];
  /** Root certificates, PEM or DER. */
  readonly roots: readonly Supplied[];
  /** Sigstore `trusted_root.json` or client trust configuration; empty: the shipped one. */
  readonly trustedRoots: readonly Supplied[];
  readonly signers: readonly ExpectedSigner[];
  /** How it is expected to be signed; absent: whatever the file says. */
  readonly method?: 'key' | 'certificate' | 'sigstore';
  /** What was accepted earlier for this publisher: used where nothing of its sort is given. */
  readonly remembered?: readonly RememberedTrust[];
  /** Used where nothing of its sort is given or remembered, and only what fits: it is not an expectation. */
  readonly kept?: KeptTrust;
  /** Provenance policy, as its small JSON file. */
  readonly policies: readonly Supplied[];
  /** Expected registers and container images of an AICert proof: see `aicert/measurements.ts`. */
  readonly measurements: readonly Supplied[];
  /** Paths left out on the person's word, exact or with everything below. */
  readonly ignore: readonly string[];
  /** True: files that no statement lists are a warning and not a contradiction. */
  readonly allowExtra: boolean;
}

export const NO_EXPECTATIONS: Expectations = {
  keys: [],
  roots: [],
  trustedRoots: [],
  signers: [],
  policies: [],
  measurements: [],
  ignore: [],
  allowExtra: false,
};

export interface AttestationInput {
  /** Of the attestation itself, `/`-separated. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly folder: AttestedFolder;
  readonly expect: Expectations;
  readonly hashes: HashProvider;
  /** ISO time that counts as now. */
  readonly now: string;
  readonly signal: AbortSignal;
  /** Trust roots that were read in this job. */
  readonly trustMemory?: TrustMemory;
}

export interface AttestationKind {
  readonly id: string;
  readonly title: string;
  /** Names it goes by: only such files are read to be recognised. */
  readonly names: RegExp;
  /** Those of them that other programs use for other things: what is not recognised under one is no broken attestation. */
  readonly sharedNames?: RegExp;
  /** It speaks about what headers of weights say: where it alone is asked about, they are read for it. */
  readonly comparesHeaders?: true;
  /** True when a container's own header carries one (C2PA in safetensors and ONNX). `examine` then gets no `bytes`. */
  embeddedIn?(header: FileHeader): boolean;
  /** By its name and its bytes: several kinds share the ending `.sig`. */
  recognises(path: string, bytes: Uint8Array): boolean;
  /** Digests of whole files that it asks for besides SHA-256, so that the one read of each file makes them. */
  wants?(bytes: Uint8Array): readonly Algorithm[];
  /** It is about the file or folder whose name it bears, with an ending more: digests are wanted of that alone when it is here. */
  readonly namedAfter?: true;
  /**
   * Takes it apart. What is malformed is a step that contradicts, not an error.
   * @throws AppError SOURCE_*
   */
  examine(input: AttestationInput): Promise<readonly Attestation[]>;
}

/**
 * Every cap of the core, with its reason. Sizes are bytes.
 *
 * A hostile file may state any number; nothing is allocated, looped over or recursed into before it was held against
 * one of these or against the size of the file itself.
 */
const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** One read of a file. 16 MiB slices, two in flight, reach 1.4 GB/s in Chromium; larger ones gain nothing. */
export const READ_CHUNK = 16 * MiB;
/** How many reads of one file are under way at once while streaming it. */
export const READS_IN_FLIGHT = 2;
/** Files up to this size are hashed by one native WebCrypto call (2.6 times the WASM rate); WebCrypto copies its input. */
export const ONE_SHOT_MAX = 64 * MiB;
/** Leaf size of `assay-tensor-v1`: small enough to localise an edit, large enough for native hashing to pay. */
export const TENSOR_LEAF = 4 * MiB;
/** Files up to this size also get a git blob id, which is all the Hub states for files that are not in LFS. */
export const GIT_BLOB_MAX = 16 * MiB;

/** The reference reader of safetensors refuses longer headers (safetensors 0.8.0: MAX_HEADER_SIZE). */
export const SAFETENSORS_HEADER_MAX = 100_000_000;
/** JSON nesting. Real headers have depth 3; serde_json stops at 128. */
export const JSON_DEPTH_MAX = 128;
/** GGUF metadata and tensor table together. The largest real vocabularies are below 40 MB. */
export const GGUF_HEADER_MAX = 256 * MiB;
/** Elements kept of one metadata array for display; the rest is counted, not stored. */
export const METADATA_ARRAY_KEPT = 64;
/** Nested arrays inside GGUF metadata: no real file nests at all. */
export const GGUF_ARRAY_DEPTH_MAX = 8;
/** GGUF keys: 65,535 bytes by the specification; longer is read up to this and reported. */
export const GGUF_KEY_MAX = 1 * MiB;
/** Tensors of one model: the largest mixture-of-experts models have some 100,000. */
export const TENSORS_MAX = 2_000_000;
/** Index, config, tokenizer and other JSON side files. Gemma's tokenizer.json is 33 MB. */
export const SIDE_FILE_MAX = 64 * MiB;
/** A checksum list or manifest. A million lines of 100 bytes is more than any repository has files. */
export const CLAIM_FILE_MAX = 64 * MiB;
/** Files of one model: a dataset folder dropped by mistake must not stall the page. */
export const ARTIFACTS_MAX = 20_000;
/** Text taken from a file that is shown in one piece. */
export const TEXT_SHOWN_MAX = 64 * KiB;

/** Pages of a Hub tree that are followed (1,000 entries each). */
export const HUB_PAGES_MAX = 50;
/** A JSON body from the Hub or a database host. */
export const JSON_BODY_MAX = 32 * MiB;
/** No byte for this long: the server is taken for stalled. Milliseconds. */
export const STALL_MS = 20_000;
/** Tries for answers that say "later" (429, 500, 502, 503, 504). */
export const HTTP_TRIES = 3;
/** One shard of the known-file database (docs: at most 64 KiB, with room for a heavy prefix). */
export const DB_SHARD_MAX = 4 * MiB;

/** What is said on the Plan screen before a read starts: local models below this start at once. */
export const ASK_ABOVE_LOCAL = 200 * MiB;
/** Memory of one worker; kept by never holding more than a few chunks. */
export const WORKER_MEMORY = 256 * MiB;
/** Blob slices of 2 GiB and more fail in Chromium and lie in Firefox; no read may come near. */
export const SLICE_MAX = 1 * GiB;

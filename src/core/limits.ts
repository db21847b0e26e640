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
/**
 * Tensors that may cover one byte of a file. Real files have one, or several with the very same range (tied weights),
 * which count once. Without this, a small hostile table over a large file asks for days of hashing.
 */
export const RANGES_OPEN_MAX = 8;
/** Bytes read of one file before its pass that are kept to be compared with it: tables of archives, graphs without weights. */
export const WITNESS_BYTES_MAX = 16 * MiB;
/** Pieces in which they may lie: a reader of scattered metadata asks for thousands. */
export const WITNESS_PIECES_MAX = 20_000;
/** Leaf bytes waiting to be hashed on other threads before the reading loop waits: WebCrypto holds a copy of each. */
export const LEAF_BYTES_WAITING = 32 * MiB;
/** Files up to this size also get a git blob id, which is all the Hub states for files that are not in LFS. */
export const GIT_BLOB_MAX = 16 * MiB;

/** The reference reader of safetensors refuses longer headers (safetensors 0.8.0: MAX_HEADER_SIZE). */
export const SAFETENSORS_HEADER_MAX = 100_000_000;
/** JSON nesting. Real headers have depth 3; serde_json stops at 128. */
export const JSON_DEPTH_MAX = 128;
/** Values of one JSON document kept as a tree. Gemma's tokenizer.json has 1.8 million. */
export const JSON_VALUES_MAX = 5_000_000;
/** Values in fields of a safetensors header that its specification does not have. */
export const SAFETENSORS_UNKNOWN_MAX = 10_000;
/** GGUF metadata and tensor table together. The largest real vocabularies are below 40 MB; held and hashed in memory. */
export const GGUF_HEADER_MAX = 64 * MiB;
/** Metadata entries of one GGUF file: real ones have some 60. */
export const GGUF_KEYS_MAX = 100_000;
/** `general.alignment`: real files use 32, up to 64 KiB for direct disk reads; more only hides space. */
export const GGUF_ALIGNMENT_MAX = 16 * MiB;
/** Elements kept of one metadata array for display; the rest is counted, not stored. */
export const METADATA_ARRAY_KEPT = 64;
/** Array elements kept over all metadata of one file: nested arrays could multiply the cap above. */
export const METADATA_VALUES_KEPT = 200_000;
/** Nested arrays inside GGUF metadata: no real file nests at all. */
export const GGUF_ARRAY_DEPTH_MAX = 8;
/** GGUF keys: 65,535 bytes by the specification; longer is read up to this and reported. */
export const GGUF_KEY_MAX = 1 * MiB;
/** Nested protobuf messages: the reference parsers (protobuf 30, upb) stop at 100. */
export const PROTO_DEPTH_MAX = 100;
/** Fields looked at in one protobuf file. The largest ONNX graphs have a few million; more only costs time. */
export const PROTO_FIELDS_MAX = 50_000_000;
/** Messages of one protobuf file: objects are made for them, most of them short-lived. */
export const PROTO_MESSAGES_MAX = 4_000_000;
/** Nodes, tensors and values of one ONNX or TensorFlow graph: unrolled graphs reach 100,000, and 300,000 fit into a worker. */
export const GRAPH_PARTS_MAX = 300_000;
/** Text of one protobuf file that is kept (names of nodes, edges, tensors). */
export const PROTO_TEXT_MAX = 64 * MiB;
/** A name in a protobuf file. Longer than any path of any module tree. */
export const PROTO_NAME_MAX = 64 * KiB;
/** Strings and bytes of a pickle up to this size are held; longer ones are known by their place. Names are far shorter. */
export const PICKLE_VALUE_KEPT = 64 * KiB;
/** One line of a text pickle (protocol 0): the whole of it is in memory while it is read. */
export const PICKLE_LINE_MAX = 32 * MiB;
/** Memory for the description of one pickle, estimated. Above it values are dropped and only imports and calls are kept. */
export const PICKLE_DESCRIPTION_MAX = 96 * MiB;
/** Memory at which even that stops (memo tables, millions of distinct names). */
export const PICKLE_MEMORY_MAX = 160 * MiB;
/** Distinct imports listed of one pickle. Real ones have below 200; the rest is counted. */
export const PICKLE_IMPORTS_MAX = 2_000;
/** Levels of nesting from which a pickle is called deep: CPython's own pickler cannot write more than its stack allows. */
export const PICKLE_DEPTH_NOTED = 1_000;
/** Leaves of a structure when written out, from which it is called exponential (when it is that much larger than stored). */
export const PICKLE_LEAVES_NOTED = 1e9;
/** Decimal digits of an integer, as CPython limits them (sys.int_info.default_max_str_digits). */
export const PICKLE_DIGITS_MAX = 4_300;
/** Pickles inside pickles and archives inside archives that are followed. */
export const NESTING_FOLLOWED = 4;
/** Embedded bytes of one file that are looked into as pickles or archives of their own. */
export const EMBEDDED_MAX = 256;
/** Bytes between or after the parts of a file that are searched for hidden pickles and archive entries. */
export const CARVE_MAX = 16 * MiB;
/** Table of contents of a zip. 100,000 storages with long names need 10 MiB. */
export const ZIP_DIRECTORY_MAX = 64 * MiB;
/** Entries of a zip: one per tensor storage in PyTorch files, some 100,000 for the largest models. */
export const ZIP_ENTRIES_MAX = 500_000;
/** Bytes of pickles and other small entries of one file that are unpacked to be looked at, in all. A second or two. */
export const UNPACKED_MAX = 256 * MiB;
/** Entries of a tar. Each costs a read of its header. */
export const TAR_ENTRIES_MAX = 100_000;
/** Unpacked bytes of a gzip-compressed tar that are looked through: it has no table of contents to go by. Held twice. */
export const TAR_GZIP_MAX = 48 * MiB;
/** An archive entry that is unpacked into memory in one piece (pickles, JSON). */
export const ENTRY_IN_MEMORY_MAX = 64 * MiB;
/** Unpacked total from which the expansion factor of a zip is looked at: below, nothing can be filled up. */
export const ZIP_BOMB_FROM = 64 * MiB;
/** Unpacked over packed size that is called a bomb. Weights deflate by 1.1 to 3; long runs of zeros by 1,032. */
export const ZIP_EXPANSION_MAX = 200;
/** A strided view that is this much larger than its storage, and over a gibibyte, is refused: 4 bytes can claim 4 TiB. */
export const VIEW_EXPANSION_MAX = 16;
/** Pieces of metadata read from one HDF5 file. A model of 100,000 datasets takes a million. */
export const HDF5_READS_MAX = 5_000_000;
/** Messages of one HDF5 object header: 65,535 attributes fit into one at most. */
export const HDF5_MESSAGES_MAX = 100_000;
/** Nodes of one B-tree of an HDF5 file: each holds at least a few chunks or links. */
export const HDF5_NODES_MAX = 1_000_000;
/** Links of one group, and objects of one HDF5 file. */
export const HDF5_LINKS_MAX = 500_000;
/** Attributes of one HDF5 object. Keras writes a dozen. */
export const HDF5_ATTRIBUTES_MAX = 20_000;
/** Groups inside groups. Module trees reach 30; 300 are reported, more than this is refused. */
export const HDF5_DEPTH_MAX = 1_000;
/** Unpacked size of one HDF5 chunk. The library's advice is 1 MiB, its limit 4 GiB; larger ones are listed, not unpacked. */
export const HDF5_CHUNK_MAX = 64 * MiB;
/** Chunks of one dataset whose places are held in memory. */
export const HDF5_CHUNKS_MAX = 300_000;
/** Pieces of one FlatBuffer that are looked at: a tensor takes about twenty. */
export const FLATBUFFER_READS_MAX = 10_000_000;
/** One block of a sorted string table; TensorFlow writes 256 KiB. */
export const TABLE_BLOCK_MAX = 64 * MiB;
/** Keys of one sorted string table: one per tensor of a checkpoint. */
export const TABLE_ENTRIES_MAX = 1_000_000;
/** Tensors of one file: the largest mixture-of-experts models have some 140,000 over all their shards. */
export const TENSORS_MAX = 250_000;
/** A tensor name that is taken apart for its role. The longest real ones, of adapters on expert layers, have some 120. */
export const ROLE_NAME_MAX = 1024;
/** Dotted parts of such a name: module trees reach 15. */
export const ROLE_NAME_PARTS_MAX = 64;
/** Stacks of layers told apart in one model: video diffusion models have some 60. What else is named so has no component. */
export const ROLE_STACKS_MAX = 128;
/** Parts of one quantised tensor that are held at once: scales, zero points, a stripe of packed columns. */
export const SCHEME_HELD_MAX = 64 * MiB;
/** Decoded rows held at once where a layout stores columns: whole rows must come out. */
export const SCHEME_ROWS_MAX = 32 * MiB;
/** Decoded numbers of one tensor that are held to be read in another order of dimensions, where they lie in no file. */
export const RELAID_HELD_MAX = 128 * MiB;
/** Row-major bytes of a strided view that are put together at once; larger views are read once per this much. */
export const STRIDED_HELD_MAX = 32 * MiB;
/**
 * How many times the bytes of one file may be decoded: tensors may share ranges, and a small hostile table over a large
 * file asks for days of it.
 */
export const DECODED_TIMES_MAX = 8;
/** Kept signals of one model: a vocabulary of 250,000 tokens and the samples of 126 layers have some 25 MB. */
export const FEATURE_ENTRY_MAX = 64 * MiB;
/** Kept signals of all models together, and their number with notes about their files; the oldest go first. */
export const FEATURE_BYTES_MAX = 512 * MiB;
export const FEATURE_ENTRIES_MAX = 2_000;
/** A part that says how to read the others (bitsandbytes' quant_state is 200 bytes of JSON). */
export const SCHEME_NOTE_MAX = 64 * KiB;
/** Index, config, tokenizer and other JSON side files. Gemma's tokenizer.json is 33 MB. */
export const SIDE_FILE_MAX = 64 * MiB;
/** A checksum list or manifest. A million lines of 100 bytes is more than any repository has files. */
export const CLAIM_FILE_MAX = 64 * MiB;
/** A signature bundle, envelope or bill of materials. The largest seen, over a list of 40,000 files, has 8 MiB. */
export const CLAIM_BUNDLE_MAX = 32 * MiB;
/** A record of DVC or MLEM, or the list of a recorded folder. Real ones have kilobytes; a folder of 100,000 files 10 MB. */
export const RECORD_MAX = 16 * MiB;
/** Checkpoints of one sequence: all are read side by side, and each takes a megabyte or two. Pythia has 154. */
export const CHECKPOINTS_MAX = 160;
/** Entries of a published chain of checkpoints. */
export const CHAIN_ENTRIES_MAX = 10_000;
/** Timestamp tokens of one anchor; each is decoded and its signature checked. */
export const ANCHOR_TOKENS_MAX = 16;
/** Files that one record may name. */
export const RECORD_OUTS_MAX = 10_000;
/** A CycloneDX bill. With 20,000 components it has some 16 MiB; each of its values may be held twice to tell equal ones. */
export const BILL_MAX = 16 * MiB;
/** Places told at which one bill breaks its schema; each costs another pass over it. */
export const BILL_PLACES_MAX = 4;
/** Files of one name (`model.safetensors` in many folders) of which one is looked for by the end of a longer path. */
export const BILL_SAME_NAME_MAX = 256;
/** Weights files whose headers are read for a bill that alone is asked about. The largest models have some 200 shards. */
export const HEADERS_READ_MAX = 256;
/** Attestations of one model that are examined; real folders have a few. */
export const ATTESTATIONS_MAX = 200;
/** Files or shards of one signed list: 64 MiB of JSON hold no more. */
export const OMS_RESOURCES_MAX = 500_000;
/** A detached signature without what it signs: the largest real one, OpenPGP with notations, has 10 kB. */
export const SIGNATURE_FILE_MAX = 64 * KiB;
/** First line of a minisign or signify file, and the trusted comment of minisign, as their tools limit them. */
export const SIGNATURE_COMMENT_MAX = 1024;
export const TRUSTED_COMMENT_MAX = 8192;
/** Keys taken from all files a person gives, and how many of them one signature that does not name its key is tried with. */
export const GIVEN_KEYS_MAX = 10_000;
export const KEYS_TRIED_MAX = 16;
/** Packets of one OpenPGP signature file, and subpackets of one signature. Real ones have one and a dozen. */
export const PGP_PACKETS_MAX = 1_000;
/** Events of one AICert proof; each is hashed. Real ones have a handful. */
export const AICERT_EVENTS_MAX = 10_000;
/** Expected registers (24 there are) and container images a person states of a machine. */
export const MEASUREMENTS_MAX = 1000;
/** Attestations of one file of JSON lines. */
export const IN_TOTO_LINES_MAX = 1_000;
/** Subjects of one in-toto statement, and files that are hashed to find one whose name says nothing. */
export const IN_TOTO_SUBJECTS_MAX = 100_000;
export const IN_TOTO_FILES_MAX = 1_000;
/** Objects of one SPDX document that are held against its model. Bills of whole distributions have some 200,000. */
export const SPDX_OBJECTS_MAX = 500_000;
/** Places at which a document breaks the rules that are kept; the first is told, the rest counted. */
export const SPDX_PROBLEMS_MAX = 100;
/** Boxes of one C2PA manifest store, and how deep they nest. Stores with dozens of ingredients have some hundreds, five deep. */
export const C2PA_BOXES_MAX = 10_000;
export const C2PA_DEPTH_MAX = 16;
/** One claim, signature or hash assertion of C2PA (CBOR), its values and their nesting. Real ones have some 10 kB. */
export const CBOR_MAX = 4 * MiB;
export const CBOR_VALUES_MAX = 100_000;
export const CBOR_DEPTH_MAX = 32;
/** Certificates of one chain, and how long a path from a leaf to a root may be. Real chains have two to four. */
export const CERTIFICATES_MAX = 32;
export const CERTIFICATE_PATH_MAX = 8;
/** Lines of a checksum list. */
export const CLAIM_LINES_MAX = 1_000_000;
/** Lines of a claim that were not understood and are kept for display; the rest is counted. */
export const SKIPPED_LINES_KEPT = 20;
/** Rows of one kind (missing, extra) listed one by one in a report; the rest is one row with a count. */
export const ROWS_LISTED_MAX = 100;
/** A name of a signer or issuer that is remembered. Certificates may hold longer ones; no real one does. Characters. */
export const SIGNER_TEXT_MAX = 1000;
/** Base64 of a key, certificate or trust root that is remembered with its signer. Sigstore's trust root has 9 kB. */
export const SIGNER_MATERIAL_MAX = 128 * KiB;
/** Text of a policy that is remembered. Real ones have some 300 characters. */
export const POLICY_TEXT_MAX = 20_000;
/** Signers remembered in all; an import with more is refused. */
export const SIGNERS_MAX = 5_000;
/** An export of remembered signers. */
export const SIGNERS_FILE_MAX = 16 * MiB;
/** Statements about what lies in the same folder (cache records, LFS pointers) that are opened and read. */
export const LAYOUT_RECORDS_MAX = 20_000;
/** One such record: real ones are below 200 bytes, Ollama manifests below 10 kB. */
export const LAYOUT_RECORD_MAX = 1 * MiB;
/** Configurations that say what a folder is, read again when the report is made. A pipeline has a dozen. */
export const CONFIGS_READ_MAX = 500;
/** Files of one model: a dataset folder dropped by mistake must not stall the page. */
export const ARTIFACTS_MAX = 20_000;
/** Text taken from a file that is shown in one piece. */
export const TEXT_SHOWN_MAX = 64 * KiB;
/** A template or other text that somebody asks to see whole; the longest real chat templates have 30 kB. */
export const DOCUMENT_SHOWN_MAX = 512 * KiB;
/** Signed texts of one file that are shown decoded; real files hold one or two, JSON lines of a release some dozens. */
export const PAYLOADS_SHOWN_MAX = 100;
/** Bytes of a file shown as hex in one piece. */
export const EXCERPT_MAX = 4096;
/** Stored bytes of one tensor kept between the two passes of its histogram. */
export const LOOK_HELD_MAX = 64 * MiB;
/** Bins of a value histogram. A power of two: `count * (bins / count)` is then never more than `bins`. */
export const HISTOGRAM_BINS = 64;
/** Values of a tensor that are listed one by one. */
export const VALUES_SHOWN = 64;
/** Records of one file's map beside its tensors. An archive has two per entry. */
export const MAP_PARTS_MAX = 500_000;
/** Items of one list, and members of one table, of a side file that are shown; the rest is counted. */
export const TREE_ITEMS_KEPT = 200;
/** Values of one side file that are shown in all. */
export const TREE_VALUES_KEPT = 50_000;
/** Tokens of a vocabulary. The largest published ones have 262,144. */
export const VOCABULARY_MAX = 2_000_000;
/** Tokens of a vocabulary that are listed at once. */
export const TOKENS_SHOWN = 100;

/** Pages of a Hub tree that are followed (1,000 entries each). */
export const HUB_PAGES_MAX = 50;
/** Commits looked at when asking which one states given files. One listing each, from 500 requests in five minutes. */
export const HUB_HISTORY_MAX = 50;
/** A file name or revision longer than this is nobody's: Linux stops at 4,096 bytes for a whole path. */
export const PATH_MAX = 4096;
/** A JSON body from the Hub or a database host. */
export const JSON_BODY_MAX = 32 * MiB;
/** No byte for this long: the server is taken for stalled. Milliseconds. */
export const STALL_MS = 20_000;
/** Tries for answers that say "later" (429, 500, 502, 503, 504). */
export const HTTP_TRIES = 3;
/** First request to an address: enough for the header of most safetensors files, small enough to throw away. */
export const HTTP_HEAD = 64 * KiB;
/** How far into a file a server without ranges is read for a header, starting again from the beginning each time. */
export const HTTP_SEQUENTIAL_HEAD_MAX = 32 * MiB;
/** First pause before a request is made again after a server error or a broken connection; doubles. Milliseconds. */
export const HTTP_BACKOFF_MS = 1_000;
/** Pause after 429 when the server does not say how long. The Hub counts in windows of five minutes. */
export const HTTP_RATE_LIMIT_MS = 60_000;
/** A server that wants a longer pause than this gets no second request: the person is told instead. */
export const HTTP_WAIT_MAX_MS = 90_000;
/** One shard of the known-file database (docs: at most 64 KiB, with room for a heavy prefix). */
export const DB_SHARD_MAX = 4 * MiB;

/** Above this many shards the manifest holds the digests of 256 section files instead (docs: db/README.md). */
export const DB_SHARDS_IN_MANIFEST = 4096;

/** Certificates of one authority, and authorities of one name, that are asked about at once. Sigstore's have two each. */
export const SIGSTORE_CHAIN_MAX = 8;
/** Root metadata followed from the shipped one: Sigstore published 16 in five years. */
export const TUF_ROOTS_MAX = 64;
/** One file of root metadata; Sigstore's have 5 kB. */
export const TUF_ROOT_MAX = 256 * KiB;
/** `timestamp.json`; Sigstore's has half a kilobyte. */
export const TUF_TIMESTAMP_MAX = 16 * KiB;
/** `snapshot.json`, where the timestamp states no length. */
export const TUF_SNAPSHOT_MAX = 1 * MiB;
/** `targets.json`, where the snapshot states no length. */
export const TUF_TARGETS_MAX = 4 * MiB;
/** A `trusted_root.json` or other target; Sigstore's has 7 kB. */
export const TUF_TARGET_MAX = 1 * MiB;
/** Keys, certificates and trust roots a person keeps on one device. */
export const KEPT_TRUST_MAX = 100;
/** One of them: the same as for those given to one check. */
export const KEPT_TRUST_BYTES_MAX = 1 * MiB;
/** Days after which a trust root is called old. Sigstore announces new logs some months before it uses them. */
export const TRUST_ROOT_OLD_DAYS = 120;

/** A report in a link, as text after `#report=`: mail programs and chats cut longer ones. */
export const SHARED_LINK_MAX = 8000;
/** The same report inflated: a real one has some 40 kB, a bomb a thousand times more. */
export const SHARED_JSON_MAX = 256 * KiB;

/** What is said on the Plan screen before a read starts: local models below this start at once. */
export const ASK_ABOVE_LOCAL = 200 * MiB;
/** Blob slices of 2 GiB and more fail in Chromium and lie in Firefox; no read may come near. */
export const SLICE_MAX = 1 * GiB;

/**
 * Closer looks into one file of a finished run, made when somebody asks: values of a tensor, the map of its bytes, an
 * excerpt, its texts, its vocabulary. Types only; they cross the worker boundary.
 */
import type { Severity } from '../../content/finding.ts';
import type { FileMap } from '../../report/file-map.ts';
import type { Tree } from '../../report/tree.ts';
import type { TensorStats } from '../../tensors/stats.ts';
import type { PlannedArtifact } from '../model.ts';
import type { RolesAsked, RolesTold } from './roles.ts';

/** One file of the model and how to open it. */
export type LookFile = Pick<PlannedArtifact, 'path' | 'spec'>;

/** Counts of values in bins of equal width over [low, high], the upper edge in the last. */
export interface ValueHistogram {
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
}

export interface TensorValues {
  /** What the numbers are after decoding: the stored dtype for plain types, `F32` for blocks and transformed ones. */
  readonly dtype: string;
  readonly stats: TensorStats;
  /** Over finite values; null when there is none. The deviation is that of the whole tensor, not of a sample. */
  readonly mean: number | null;
  readonly deviation: number | null;
  /** Over finite values; null when there is none, or when their range leaves float32. */
  readonly histogram: ValueHistogram | null;
  /** The first values, row-major. */
  readonly first: readonly number[];
  /** The tensor is a part of this one, whose values can be asked for by its name. */
  readonly group?: MadeTensor;
}

/** A tensor that is not stored but made of several: GPTQ, AWQ, bitsandbytes, FP8 with block scales … */
export interface MadeTensor {
  readonly name: string;
  /** `gptq`, `awq`, `mlx-affine` … */
  readonly scheme: string;
  readonly bits: number;
  readonly shape: readonly number[];
  /** Stored tensors it is made of. */
  readonly parts: readonly string[];
}

/** One construct in a template that a template has no business with. */
export interface TemplateRemark {
  readonly code: string;
  readonly severity: Severity;
  readonly text: string;
}

export interface Template {
  /** Where it stands: `chat_template`, `tokenizer.chat_template.tool_use`. */
  readonly key: string;
  /** UTF-16 units of the whole; `text` may be cut. */
  readonly length: number;
  readonly text: string;
  readonly remarks: readonly TemplateRemark[];
}

/** A file beside the weights, as it is read. */
export interface SideDocument {
  /** JSON only. */
  readonly tree: Tree | null;
  /** Other text; cut. */
  readonly text: string | null;
  /** UTF-16 units of the whole text. */
  readonly length: number;
  readonly templates: readonly Template[];
}

export interface Token {
  readonly id: number;
  /** As stored: `Ġthe`, `▁the`, `<0x0A>`. Hostile text. */
  readonly text: string;
  /** `control`, `user-defined`, `byte`, `unused`, `unknown`; absent for ordinary ones. */
  readonly kind?: string;
}

export interface Vocabulary {
  /** `BPE`, `Unigram`, `WordPiece`, `gpt2`, `llama` …, as stated. */
  readonly model: string;
  readonly size: number;
  /** What else the tokenizer states: pre-tokenizer, normaliser, number of merges. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** By their names: `bos`, `eos`, `unknown`. */
  readonly special: readonly (readonly [name: string, token: Token])[];
  readonly added: readonly Token[];
  readonly addedTotal: number;
  readonly first: readonly Token[];
  readonly last: readonly Token[];
  /** What was searched for; the total counts all of them. */
  readonly found: readonly Token[];
  readonly foundTotal: number;
}

/** Text that is only looked at; cut. */
export interface RecordPart {
  /** `bytes`: not text, shown as hex. */
  readonly form: 'json' | 'text' | 'bytes';
  readonly text: string;
  /** Bytes of the whole. */
  readonly size: number;
  readonly cut: boolean;
}

/** The file of a signature or record, and what the envelopes in it carry. */
export interface RecordText {
  readonly size: number;
  /** Of the file, lower-case hex. */
  readonly sha256: string;
  readonly file: RecordPart;
  readonly payloads: readonly (RecordPart & { readonly type: string })[];
}

/** What can be asked, and what is answered. */
export interface Looks {
  values: {
    readonly ask: {
      readonly file: LookFile;
      readonly tensor: number;
      /** Of the stored tensor, or with `made` of the one that several make. */
      readonly name: string;
      readonly made?: true;
      /** Files that may hold bytes of it (external data), and `config.json`. */
      readonly beside: readonly LookFile[];
    };
    readonly answer: TensorValues;
  };
  map: { readonly ask: { readonly file: LookFile }; readonly answer: FileMap };
  /** At most `EXCERPT_MAX` bytes. */
  bytes: {
    readonly ask: { readonly file: LookFile; readonly start: number; readonly end: number };
    readonly answer: Uint8Array;
  };
  document: { readonly ask: { readonly file: LookFile }; readonly answer: SideDocument };
  /** At most `CLAIM_BUNDLE_MAX` bytes. */
  record: { readonly ask: { readonly file: LookFile }; readonly answer: RecordText };
  /** Null: the file has no vocabulary. */
  vocabulary: {
    readonly ask: { readonly file: LookFile; readonly query: string };
    readonly answer: Vocabulary | null;
  };
  /** Needs no file. */
  roles: { readonly ask: { readonly files: readonly RolesAsked[] }; readonly answer: RolesTold };
}

export type LookKind = keyof Looks;
type AnyRequest = { [K in LookKind]: { readonly kind: K } & Looks[K]['ask'] }[LookKind];
export type LookRequest<K extends LookKind = LookKind> = Extract<AnyRequest, { readonly kind: K }>;
export type LookAnswer<K extends LookKind = LookKind> = Looks[K]['answer'];

/** SentencePiece models (google/sentencepiece, src/sentencepiece_model.proto): `tokenizer.model`, `spiece.model`. */
import type { ByteSource } from '../bytes/source.ts';
import { FindingCollector } from '../content/collector.ts';
import type { Finding } from '../content/finding.ts';
import { noteRiskyText } from '../content/text.ts';
import { PROTO_NAME_MAX } from '../limits.ts';
import { int, message, MessageType, readMessage, span, text } from './protobuf.ts';

/** Piece types: 3 control, 4 defined by a user. */
const CONTROL = 3;
const USER = 4;

interface Model {
  readonly findings: FindingCollector;
  pieces: number;
  normaliser: string;
  rules: number;
  /** Rules that change what comes out of the model. */
  outputRules: number;
}

interface Piece {
  text: string;
  type: number;
}

const MODEL = new MessageType<Model>('ModelProto');
const PIECE = new MessageType<Piece>('SentencePiece');
const NORMALISER = new MessageType<Model>('NormalizerSpec');
const DENORMALISER = new MessageType<Model>('NormalizerSpec');

MODEL.define({
  1: message(
    PIECE,
    () => ({ text: '', type: 1 }),
    (t, piece) => {
      t.pieces += 1;
      // Ordinary pieces are parts of words of all texts there are; markup among them is no surprise.
      if (piece.type === CONTROL || piece.type === USER) noteRiskyText(piece.text, { key: 'piece' }, t.findings);
    },
  ),
  3: message(NORMALISER, (t) => t),
  5: message(DENORMALISER, (t) => t),
});
PIECE.define({ 1: text(PROTO_NAME_MAX, (t, v) => (t.text = v.text)), 3: int((t, v) => (t.type = Number(v))) });
NORMALISER.define({
  1: text(PROTO_NAME_MAX, (t, v) => (t.normaliser = v.text)),
  2: span(0, (t, where) => (t.rules += where.end - where.start)),
});
DENORMALISER.define({ 2: span(0, (t, where) => (t.outputRules += where.end - where.start)) });

export interface SentencePiece {
  readonly findings: readonly Finding[];
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

export function looksLikeSentencePiece(head: Uint8Array, name: string): boolean {
  return (
    /(?:^|\/)(?:tokenizer|spiece|sentencepiece\.bpe|source|target|[\w.-]+\.spm?)(?:\.model)?$/i.test(name) &&
    head[0] === 0x0a
  );
}

/** @throws AppError FORMAT_* when the protobuf is broken; SOURCE_* */
export async function inspectSentencePiece(source: ByteSource, signal?: AbortSignal): Promise<SentencePiece> {
  const model: Model = { findings: new FindingCollector(), pieces: 0, normaliser: '', rules: 0, outputRules: 0 };
  await readMessage(source, { start: 0, end: source.size }, MODEL, model, signal);
  if (model.outputRules > 0) {
    model.findings.add('tokenizer-rewrite', 'caution', {
      part: 'denormalizer',
      from: 'output',
      to: 'other text',
      bytes: model.outputRules,
    });
  }
  return {
    findings: model.findings.list(),
    facts: { pieces: model.pieces, normalizer: model.normaliser.slice(0, 200), normalizer_bytes: model.rules },
  };
}

/** What GraphDef and SavedModel have in common. */
import type { ByteSource } from '../../bytes/source.ts';
import { FindingCollector } from '../../content/collector.ts';
import { inspectKerasConfig, newKerasFacts } from '../../content/keras-config.ts';
import { parseLooseText } from '../../content/loose-json.ts';
import { AppError } from '../../errors.ts';
import type { TensorEntry } from '../../tensors/entry.ts';
import type { OpenArtifact } from '../format.ts';
import { typedPayload, type TypedLayout } from '../typed-fields.ts';
import { describeConstant } from './constants.ts';
import type { TfNotes } from './types.ts';

const LIST_MAX = 4096;

export function newNotes(): TfNotes {
  return {
    findings: new FindingCollector(),
    operators: new Map(),
    constants: [],
    nodes: 0,
    functions: 0,
    versions: new Set(),
    tags: new Set(),
    signatures: new Set(),
    assets: new Set(),
    kerasTexts: [],
    parts: 0,
  };
}

/** Constants as tensors, with their payloads. @throws AppError FORMAT_* */
export function describeGraph(source: ByteSource, notes: TfNotes): Pick<OpenArtifact, 'tensors' | 'payload'> {
  const tensors: TensorEntry[] = [];
  const layouts = new Map<string, TypedLayout>();
  const taken = new Map<string, number>();
  for (const { name, tensor } of notes.constants) {
    const uses = taken.get(name) ?? 0;
    taken.set(name, uses + 1);
    const described = describeConstant(uses === 0 ? name : `${name}#${uses + 1}`, tensor, notes.findings);
    if (described === null) continue;
    tensors.push(described.entry);
    if (described.layout !== null) layouts.set(described.entry.name, described.layout);
  }
  return {
    tensors,
    payload(entry, signal) {
      const layout = layouts.get(entry.name);
      if (layout === undefined) throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor: entry.name });
      return typedPayload(source, layout, entry.byteLength, entry.name, signal);
    },
  };
}

/** Adds what Keras configurations beside the graph would run. Text that is no JSON is somebody else's. */
export function inspectKerasTexts(notes: TfNotes, where: string): void {
  const keras = newKerasFacts();
  for (const text of notes.kerasTexts) {
    try {
      inspectKerasConfig(parseLooseText(text).root, where, notes.findings, keras);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  }
}

export function graphFacts(notes: TfNotes): Readonly<Record<string, string | number>> {
  const operators = [...notes.operators.keys()].sort();
  return { node_count: notes.nodes, functions: notes.functions, ops: joined(operators) };
}

export function joined(parts: Iterable<string>): string {
  const text = [...parts].join(', ');
  return text.length > LIST_MAX ? `${text.slice(0, LIST_MAX)}…` : text;
}

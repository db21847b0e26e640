/** TensorFlow graphs: frozen GraphDef (`.pb`) and the MetaGraphDef of old checkpoints (`.meta`). */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import type { Format, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { readMessage } from './protobuf.ts';
import { describeGraph, graphFacts, newNotes } from './tensorflow/graph.ts';
import { looksLikeGraphDef } from './tensorflow/magic.ts';
import { GRAPH, META_GRAPH } from './tensorflow/proto.ts';

export const tensorflowGraphdef: Format = {
  id: 'tensorflow-graphdef',
  title: 'TensorFlow graph',
  extensions: ['.pb', '.meta'],
  match: looksLikeGraphDef,
  open: openGraph,
};

async function openGraph(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const notes = newNotes();
  const type = /\.meta$/i.test(source.name) ? META_GRAPH : GRAPH;
  const scope = { notes, prefix: '', waiting: [] };
  await readMessage(source, { start: 0, end: source.size }, type, scope, signal);
  // Any protobuf may be read as a graph without nodes: that is another file under this name.
  if (notes.nodes + notes.functions === 0) throw new AppError('FORMAT_MISSING_FIELD', { field: 'node' });
  const content = describeGraph(source, notes);
  return {
    format: 'tensorflow-graphdef',
    ...content,
    metadata: [],
    findings: notes.findings.list(),
    facts: graphFacts(notes),
    ...(await leadingDigest(source, signal)),
  };
}

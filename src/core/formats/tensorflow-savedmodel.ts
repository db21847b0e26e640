/** TensorFlow SavedModel: `saved_model.pb`, and `keras_metadata.pb` beside it. Variables are in a checkpoint of their own. */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import type { Format, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { readMessage } from './protobuf.ts';
import { describeGraph, graphFacts, inspectKerasTexts, joined, newNotes } from './tensorflow/graph.ts';
import { KERAS_METADATA } from './tensorflow/keras-metadata.ts';
import { looksLikeSavedModel } from './tensorflow/magic.ts';
import { SAVED_MODEL, type SavedModel } from './tensorflow/proto.ts';
import { escapes } from './safe-path.ts';

export const tensorflowSavedmodel: Format = {
  id: 'tensorflow-savedmodel',
  title: 'TensorFlow SavedModel',
  extensions: ['saved_model.pb', 'keras_metadata.pb'],
  match: looksLikeSavedModel,
  open: (source, signal) =>
    /keras_metadata\.pb$/i.test(source.name) ? openMetadata(source, signal) : openModel(source, signal),
};

async function openModel(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const notes = newNotes();
  const model: SavedModel = { notes, version: 0, graphs: 0 };
  await readMessage(source, { start: 0, end: source.size }, SAVED_MODEL, model, signal);
  if (model.graphs === 0) throw new AppError('FORMAT_MISSING_FIELD', { field: 'meta_graphs' });
  if (model.version !== 1) throw new AppError('FORMAT_VERSION', { version: `${model.version}` });
  const content = describeGraph(source, notes);
  inspectKerasTexts(notes, 'saved_model.pb');
  for (const asset of notes.assets) {
    const why = escapes(asset);
    if (why !== null)
      notes.findings.add('path-traversal', 'danger', { entry: asset.slice(0, 200), name: asset.slice(0, 200), why });
  }
  return {
    format: 'tensorflow-savedmodel',
    ...content,
    // Single numbers are axes, counts of shards and the like; the model's own are in the checkpoint.
    tensors: content.tensors.filter(({ shape }) => shape.length > 0),
    metadata: [...notes.assets].map((value) => ({ key: 'asset', type: 'STRING', value })),
    findings: notes.findings.list(),
    facts: {
      schema_version: 1,
      meta_graphs: model.graphs,
      tags: joined(notes.tags),
      tensorflow_version: joined(notes.versions),
      signatures: joined(notes.signatures),
      ...graphFacts(notes),
    },
    ...(await leadingDigest(source, signal)),
  };
}

async function openMetadata(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const notes = newNotes();
  await readMessage(source, { start: 0, end: source.size }, KERAS_METADATA, { notes }, signal);
  inspectKerasTexts(notes, 'keras_metadata.pb');
  return {
    format: 'tensorflow-savedmodel',
    tensors: [],
    metadata: [],
    findings: notes.findings.list(),
    facts: { keras_objects: notes.kerasTexts.length },
    ...(await leadingDigest(source, signal)),
  };
}

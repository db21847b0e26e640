/** ONNX models (onnx.ai, onnx.proto3): initialisers in every encoding, external data, subgraphs, functions. */
import { leadingDigest } from './header-digest.ts';
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { TENSORS_MAX } from '../limits.ts';
import type { TensorEntry } from '../tensors/entry.ts';
import type { Format, OpenArtifact } from './format.ts';
import { refuseCycles, refuseFunctionCycles } from './onnx/cycles.ts';
import { onnxFacts, onnxMetadata } from './onnx/facts.ts';
import { noteModel } from './onnx/findings.ts';
import { hasTraceOfOnnx, looksLikeOnnx } from './onnx/match.ts';
import { MODEL, newModel } from './onnx/proto.ts';
import { quantisedTensors } from './onnx/quantised.ts';
import { describeTensor } from './onnx/tensor.ts';
import { typedPayload, type TypedLayout } from './typed-fields.ts';
import type { OnnxModel } from './onnx/types.ts';
import { usesOf } from './onnx/uses.ts';
import { walkModel, type PlacedTensor } from './onnx/walk.ts';
import { readMessage } from './protobuf.ts';

/** A version above this is a number that came from somewhere else. */
const IR_VERSION_MAX = 1000;
/** Typed fields up to this size are decoded on opening, so that a wrong element count is refused and not only bounded. */
const CHECK_TYPED_EACH = 64 * 1024;
const CHECK_TYPED_ALL = 4 * 1024 * 1024;

export const onnx: Format = {
  id: 'onnx',
  title: 'ONNX',
  extensions: ['.onnx'],
  match: (head, { name }) => looksLikeOnnx(head, name),
  open: openOnnx,
};

async function openOnnx(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const head = await source.read(0, Math.min(4096, source.size), signal);
  if (!hasTraceOfOnnx(head)) throw new AppError('FORMAT_UNKNOWN', { name: source.name });
  const model = newModel();
  await readMessage(source, { start: 0, end: source.size }, MODEL, model, signal);
  refuseBroken(model);

  const { findings } = model.notes;
  noteModel(model);
  const tensors: TensorEntry[] = [];
  const layouts = new Map<TensorEntry, TypedLayout>();
  const uses = usesOf(model);
  for (const { name, placed } of namedTensors(model)) {
    const described = describeTensor(placed.tensor, name, source);
    const use = placed.where === 'initializer' ? uses.get(name) : undefined;
    const entry = use === undefined ? described.entry : { ...described.entry, origin: { use } };
    tensors.push(entry);
    for (const { code, severity, detail, ...place } of described.findings) findings.add(code, severity, detail, place);
    if (described.typed !== undefined) layouts.set(entry, described.typed);
  }
  const payload = (entry: TensorEntry, abort?: AbortSignal): AsyncIterable<Uint8Array> => {
    const layout = layouts.get(entry) ?? layouts.get(tensors.find((tensor) => tensor.name === entry.name) ?? entry);
    if (layout === undefined) throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor: entry.name });
    return typedPayload(source, layout, entry.byteLength, entry.name, abort);
  };
  await checkTyped(layouts, payload, signal);

  const made = quantisedTensors(model, new Map(tensors.map((entry) => [entry.name, entry])));
  const header = await leadingDigest(source, signal);
  return {
    format: 'onnx',
    tensors,
    metadata: onnxMetadata(model),
    findings: findings.list(),
    facts: onnxFacts(model, tensors),
    ...header,
    payload,
    ...(made.length === 0 ? {} : { made }),
  };
}

/** @throws AppError FORMAT_MISSING_FIELD, FORMAT_VERSION, FORMAT_DUPLICATE_TENSOR, FORMAT_CYCLE */
function refuseBroken(model: OnnxModel): void {
  if (model.graph === null) throw new AppError('FORMAT_MISSING_FIELD', { field: 'graph' });
  if (model.irVersion !== null && (model.irVersion > IR_VERSION_MAX || model.irVersion < 0)) {
    throw new AppError('FORMAT_VERSION', { version: `${model.irVersion}` });
  }
  walkModel(model, {
    nodes(nodes, _prefix, graph) {
      refuseCycles(nodes);
      const names = new Set<string>();
      for (const { name } of graph?.initializers ?? []) {
        if (name !== '' && names.has(name)) throw new AppError('FORMAT_DUPLICATE_TENSOR', { tensor: name });
        names.add(name);
      }
    },
  });
  refuseFunctionCycles(model.functions);
}

/** Every tensor under a name of its own: nodes may share names, so what hangs on them is counted when it has to be. */
function namedTensors(model: OnnxModel): { name: string; placed: PlacedTensor }[] {
  const taken = new Map<string, number>();
  const named: { name: string; placed: PlacedTensor }[] = [];
  let unnamed = 0;
  walkModel(model, {
    tensor(placed) {
      if (named.length >= TENSORS_MAX)
        throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'tensors', max: TENSORS_MAX });
      if (placed.tensor.name === '' && placed.where === 'initializer') unnamed += 1;
      const uses = taken.get(placed.name) ?? 0;
      taken.set(placed.name, uses + 1);
      named.push({ name: uses === 0 ? placed.name : `${placed.name}#${uses + 1}`, placed });
    },
  });
  if (unnamed > 0) model.notes.findings.add('bad-name', 'caution', { name: '', count: unnamed });
  return named;
}

async function checkTyped(
  layouts: ReadonlyMap<TensorEntry, TypedLayout>,
  payload: (entry: TensorEntry, signal?: AbortSignal) => AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let all = 0;
  for (const [entry, { runs }] of layouts) {
    const stored = runs.reduce((sum, run) => sum + run.end - run.start, 0);
    if (stored > CHECK_TYPED_EACH || all + stored > CHECK_TYPED_ALL) continue;
    all += stored;
    for await (const chunk of payload(entry, signal)) void chunk;
  }
}

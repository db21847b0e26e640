import type { FindingCollector } from '../../content/collector.ts';
import { DANGEROUS_OPERATORS, KNOWN_DOMAINS, resourceUses } from './operators.ts';
import type { OnnxModel, OnnxNode } from './types.ts';
import { walkModel } from './walk.ts';

/** onnx.proto IR version 14 is the newest that defines anything read here. */
const IR_KNOWN = 14;
/** Unknown fields above this many bytes are a place to hide something. */
const UNKNOWN_BYTES = 256;
/** Hints that make a tool load a library or a script (onnxruntime-extensions, hosting servers). */
const PROGRAM = /\.(?:so(?:\.\d+){0,4}|dll|dylib|pyd|exe|py|sh|bat|ps1)$/i;

/** Adds what a person should know about the model as a whole to what was noted while reading it. */
export function noteModel(model: OnnxModel): void {
  const { findings } = model.notes;
  noteVersions(model, findings);
  noteOperators(model, findings);
  for (const { key, value } of model.metadata) {
    if (!PROGRAM.test(value.trim()) && !/custom_?op.{0,20}librar/i.test(key)) continue;
    findings.add('metadata-path', 'caution', { key: key.slice(0, 200), value: value.slice(0, 200) });
  }
}

function noteVersions({ irVersion, opsets, notes }: OnnxModel, findings: FindingCollector): void {
  if (irVersion === null) findings.add('missing-field', 'caution', { field: 'ir_version' });
  else if (irVersion > IR_KNOWN) findings.add('bad-version', 'note', { version: Number(irVersion) });
  if (opsets.length === 0) findings.add('missing-field', 'caution', { field: 'opset_import' });
  if (notes.unknownFields === 0) return;
  const severity = notes.unknownBytes > UNKNOWN_BYTES ? 'caution' : 'note';
  const detail = { count: notes.unknownFields, bytes: notes.unknownBytes };
  findings.add('unknown-field', severity, detail, { offset: notes.unknownAt });
}

function noteOperators(model: OnnxModel, findings: FindingCollector): void {
  const own = new Set(model.functions.map((fn) => `${fn.domain}::${fn.name}`));
  const imported = new Set(model.opsets.map((opset) => opset.domain));
  const counts = new Map<string, { node: OnnxNode; count: number }>();
  walkModel(model, {
    nodes(nodes) {
      for (const node of nodes) {
        const key = `${node.domain}::${node.opType}`;
        const seen = counts.get(key);
        if (seen === undefined) counts.set(key, { node, count: 1 });
        else seen.count += 1;
      }
    },
  });
  for (const [operator, { node, count }] of counts) {
    const detail = { operator: operator.replace(/^::/, '').slice(0, 200), domain: node.domain.slice(0, 200), count };
    const effect = DANGEROUS_OPERATORS.get(node.opType);
    if (effect !== undefined) findings.add('dangerous-op', 'danger', { ...detail, effect });
    if (own.has(operator)) continue;
    const undeclared = node.domain !== '' && imported.size > 0 && !imported.has(node.domain);
    if (KNOWN_DOMAINS.has(node.domain) && !undeclared) continue;
    findings.add('custom-domain', 'caution', { ...detail, undeclared });
  }
  for (const { node, elements } of resourceUses(model)) {
    const detail = { operator: node.opType, node: node.name.slice(0, 200), elements: elements.toString() };
    findings.add('resource-op', 'caution', detail);
  }
}

import type { Finding } from '../../content/finding.ts';
import { textTrick } from '../../content/shown-text.ts';
import { DANGEROUS_OPERATORS, KNOWN_DOMAINS, resourceUses } from './operators.ts';
import type { OnnxModel, OnnxNode } from './types.ts';
import { walkModel } from './walk.ts';

/** Findings of one kind: a hostile file can repeat them without end, a person reads a few. */
const EACH_MAX = 32;
/** onnx.proto IR version 14 is the newest that defines anything read here. */
const IR_KNOWN = 14;
/** Unknown fields above this many bytes are a place to hide something. */
const UNKNOWN_BYTES = 256;

/** What a person should know about the model as a whole. */
export function onnxFindings(model: OnnxModel): Finding[] {
  return [...versionFindings(model), ...operatorFindings(model), ...textFindings(model), ...metadataFindings(model)];
}

function versionFindings({ irVersion, opsets, notes }: OnnxModel): Finding[] {
  const found: Finding[] = [];
  if (irVersion === null) found.push({ code: 'missing-field', severity: 'caution', detail: { field: 'ir_version' } });
  else if (irVersion > IR_KNOWN)
    found.push({ code: 'bad-version', severity: 'note', detail: { version: Number(irVersion) } });
  if (opsets.length === 0)
    found.push({ code: 'missing-field', severity: 'caution', detail: { field: 'opset_import' } });
  if (notes.unknownFields > 0) {
    found.push({
      code: 'unknown-field',
      severity: notes.unknownBytes > UNKNOWN_BYTES ? 'caution' : 'note',
      offset: notes.unknownAt,
      detail: { count: notes.unknownFields, bytes: notes.unknownBytes },
    });
  }
  return found;
}

function operatorFindings(model: OnnxModel): Finding[] {
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
  const found: Finding[] = [];
  for (const [operator, { node, count }] of counts) {
    const detail = { operator: operator.replace(/^::/, ''), domain: node.domain, count };
    const danger = DANGEROUS_OPERATORS.get(node.opType);
    if (danger !== undefined)
      found.push({ code: 'dangerous-op', severity: 'danger', detail: { ...detail, effect: danger } });
    if (own.has(operator)) continue;
    const undeclared = node.domain !== '' && imported.size > 0 && !imported.has(node.domain);
    if (!KNOWN_DOMAINS.has(node.domain) || undeclared) {
      found.push({ code: 'custom-domain', severity: 'caution', detail: { ...detail, undeclared } });
    }
  }
  for (const { node, elements } of resourceUses(model).slice(0, EACH_MAX)) {
    const detail = { operator: node.opType, node: node.name, elements: elements.toString() };
    found.push({ code: 'resource-op', severity: 'caution', detail });
  }
  return capped(found);
}

function textFindings({ notes }: OnnxModel): Finding[] {
  const found: Finding[] = notes.badUtf8.map(({ what, text, offset }) => ({
    code: 'bad-utf8',
    severity: 'caution',
    offset,
    detail: { key: what, text: text.slice(0, 200) },
  }));
  for (const { what, text, offset } of notes.shown) {
    const trick = textTrick(text);
    if (trick === null) continue;
    found.push({
      code: 'injection-text',
      severity: 'caution',
      offset,
      detail: { key: what, trick, text: text.slice(0, 200) },
    });
  }
  return capped(found);
}

/** Hints that make a tool load a library or a script (onnxruntime-extensions, hosting servers). */
const PROGRAM = /\.(?:so(?:\.\d+)*|dll|dylib|pyd|exe|py|sh|bat|ps1)$/i;

function metadataFindings({ metadata }: OnnxModel): Finding[] {
  const found: Finding[] = [];
  for (const { key, value } of metadata) {
    if (!PROGRAM.test(value.trim()) && !/custom_?op.*librar/i.test(key)) continue;
    found.push({
      code: 'metadata-path',
      severity: 'caution',
      detail: { key: key.slice(0, 200), value: value.slice(0, 200) },
    });
  }
  return capped(found);
}

function capped(findings: readonly Finding[]): Finding[] {
  return findings.slice(0, 4 * EACH_MAX);
}

import type { OpenArtifact } from '../format.ts';
import { Facts } from '../gguf/consistency.ts';
import type { SetMember, SetNotes } from '../set.ts';
import { missingParts } from './numbered-shards.ts';
import { groupNumbered, numbered } from './paths.ts';

const SHOWN = 200;

/** GGUF parts (llama.cpp `gguf-split`): numbered in their names from 1, in `split.no` from 0. */
export function judgeGgufParts(members: readonly SetMember[], notes: SetNotes): void {
  for (const { base, count, parts } of groupNumbered(members, '.gguf').values()) {
    const files = [...parts.values()].map(({ path }) => path).sort();
    notes.set({ kind: 'gguf-split', files, metadata: {} });
    missingParts(base, count, parts, '.gguf', notes);
    for (const [number, { path, opened }] of parts)
      if (opened !== undefined) judgePart(path, number, count, opened, notes);
    judgeTensors([...parts.values()], count, notes);
  }
  for (const { path, opened } of members) {
    if (opened?.format === 'gguf' && numbered(path) === null) judgeUnnumbered(path, opened, notes);
  }
}

function judgePart(path: string, number: number, count: number, opened: OpenArtifact, notes: SetNotes): void {
  const facts = new Facts(opened.metadata);
  const part = facts.integer('split.no');
  const parts = facts.integer('split.count');
  const note = (key: string, stated: number, actual: string): void =>
    notes.finding(path, { code: 'inconsistent-metadata', severity: 'caution', detail: { key, stated, actual } });
  if (part !== null && part !== number - 1) note('split.no', part, `${number - 1} by its name`);
  if (parts !== null && parts !== count) note('split.count', parts, `${count} by its name`);
}

function judgeTensors(parts: readonly SetMember[], count: number, notes: SetNotes): void {
  const holders = new Map<string, string[]>();
  let tensors = 0;
  for (const { path, opened } of parts) {
    for (const { name } of opened?.tensors ?? []) {
      tensors++;
      const paths = holders.get(name);
      if (paths === undefined) holders.set(name, [path]);
      else paths.push(path);
    }
  }
  for (const [tensor, paths] of holders) {
    if (paths.length < 2) continue;
    for (const path of paths) {
      const detail = { tensor: tensor.slice(0, SHOWN), files: paths.slice(0, 8).join(', ') };
      notes.finding(path, { code: 'duplicate-tensor', severity: 'caution', detail });
    }
  }
  if (parts.length !== count || parts.some(({ opened }) => opened === undefined)) return;
  for (const { path, opened } of parts) {
    const stated = new Facts(opened!.metadata).integer('split.tensors.count');
    if (stated === null || stated === tensors) continue;
    const detail = { key: 'split.tensors.count', stated, actual: tensors };
    notes.finding(path, { code: 'inconsistent-metadata', severity: 'caution', detail });
  }
}

/** A part that was renamed: it says itself that it is not the whole. */
function judgeUnnumbered(path: string, opened: OpenArtifact, notes: SetNotes): void {
  const parts = new Facts(opened.metadata).integer('split.count');
  if (parts === null || parts <= 1) return;
  notes.finding(path, {
    code: 'inconsistent-metadata',
    severity: 'caution',
    detail: { key: 'split.count', stated: parts, actual: 'a name without a part number' },
  });
}

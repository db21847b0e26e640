/** Roles of the tensors of a scan, counted: facts on each file of weights. */
import { structureWords } from '../report/words/structure.ts';
import { describeRoles } from '../tensors/roles/describe.ts';
import { hintFromGguf } from '../tensors/roles/hint.ts';
import type { ArtifactScan } from './model.ts';

/** `model-00001-of-00003.safetensors`: the shards of one model differ in the first number alone. */
const SHARD = /-\d{5}-of-\d{5}(?=[.-]|$)/;

/**
 * The same scans with three more facts where tensors were listed: `structure` (words about all shards together),
 * `tensors_with_role` and `tensors_unknown` (of the file itself).
 */
export function withStructure(scans: readonly ArtifactScan[]): readonly ArtifactScan[] {
  const sets = new Map<string, ArtifactScan[]>();
  for (const scan of scans) {
    if (scan.format === undefined || scan.tensors.length === 0) continue;
    const key = `${scan.format}\n${scan.path.replace(SHARD, '')}`;
    const set = sets.get(key);
    if (set === undefined) sets.set(key, [scan]);
    else set.push(scan);
  }
  const facts = new Map<ArtifactScan, ArtifactScan['facts']>();
  for (const set of sets.values()) {
    const gguf = set.find(({ format }) => format === 'gguf');
    const hint = gguf === undefined ? { format: set[0]!.format! } : hintFromGguf(gguf.metadata);
    const map = describeRoles(
      set.flatMap(({ tensors }) => tensors),
      hint,
    );
    const structure = structureWords(map);
    let at = 0;
    for (const scan of set) {
      const own = map.roles.slice(at, (at += scan.tensors.length));
      const unknown = own.filter(({ role }) => role === 'unknown').length;
      facts.set(scan, { structure, tensors_with_role: own.length - unknown, tensors_unknown: unknown });
    }
  }
  return scans.map((scan) => {
    const own = facts.get(scan);
    return own === undefined ? scan : { ...scan, facts: { ...scan.facts, ...own } };
  });
}

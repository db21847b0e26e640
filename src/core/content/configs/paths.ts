/** Paths in configurations: what a loader would open beside the model, or elsewhere. */
import type { FindingCollector } from '../collector.ts';
import { isArray, isObject, type Loose } from '../loose-json.ts';

/** Members whose text is opened as a file. */
const FILE_KEY = /(?:^|_)(?:file|files|filename|filepath|library|location|path|paths|adapter|vocab|merges)$/i;
/** Names under which trainers leave paths of their own machine; only ways out of the folder are of interest there. */
const NAME_KEY =
  /name_or_path$|^_name_or_path$|(?:^|_)(?:dir|folder|root|cache|output|log|logging_dir|dataset)(?:_|$)/i;

/** Adds `path-traversal` for every text that leads out of the model's folder. */
export function inspectPaths(root: Loose, file: string, findings: FindingCollector): void {
  const stack: { value: Loose; key: string }[] = [{ value: root, key: '' }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, key } = next;
    if (isArray(value)) for (const item of value.items) stack.push({ value: item, key });
    else if (isObject(value)) for (const [name, member] of value.members) stack.push({ value: member, key: name });
    else if (typeof value === 'string') {
      const why = fault(value, key);
      if (why !== null)
        findings.add('path-traversal', 'danger', {
          file,
          key,
          entry: value.slice(0, 200),
          name: value.slice(0, 200),
          why,
        });
    }
  }
}

function fault(text: string, key: string): string | null {
  if (text.length > 4096) return null;
  if (/(?:^|[\\/])\.\.(?:[\\/]|$)/.test(text)) return 'a parent folder';
  if (!FILE_KEY.test(key) || NAME_KEY.test(key)) return null;
  if (/^[\\/]/.test(text)) return 'an absolute path';
  if (/^[a-z]:[\\/]/i.test(text)) return 'a drive letter';
  return null;
}

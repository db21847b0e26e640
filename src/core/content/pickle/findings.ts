import type { ErrorDetail } from '../../errors.ts';
import type { Finding, FindingCode, Severity } from '../finding.ts';
import { graphFacts, graphSigns } from './graph.ts';
import type { Danger, PickleImport } from './import.ts';
import type { PickleStream } from './stream.ts';
import type { ImportUse } from './value.ts';

/** What a dangerous name is known to do, to follow “known to”. */
const DOES: Readonly<Record<Danger, string>> = {
  code: 'run code that it is given as text or finds elsewhere',
  files: 'read or write files',
  import: 'import a module chosen by the file',
  indirect: 'reach other functions by name, which hides what is called',
  interpreter: 'change or end the running program',
  network: 'use the network',
  pickle: 'load another pickle or archive, with everything that brings',
  program: 'start programs or act on the operating system',
  resource: 'use up memory or time',
};

/** Where a stream lies. */
export interface StreamPlace {
  /** Start of the pickle file or archive entry in the coordinates of the stream's offsets. */
  readonly start: number;
  /** What to add to the stream's offsets to get offsets in the artifact; null when there are none (unpacked bytes). */
  readonly shift: number | null;
  /** Archive entry. */
  readonly member?: string;
  /** How it was found when not by reading from the start: “in bytes that belong to nothing”. */
  readonly hidden?: string;
}

const LISTED = 50;

/** Everything worth saying about one stream, without what is nested in it. */
export function streamFindings(stream: PickleStream, place: StreamPlace): Finding[] {
  const findings: Finding[] = [];
  const counts = new Map<FindingCode, number>();
  const add = (code: FindingCode, severity: Severity, at: number, detail: ErrorDetail): void => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if (count > LISTED) return;
    const where: Record<string, string | number> = { position: at - place.start };
    if (place.member !== undefined) where['member'] = place.member.slice(0, 200);
    if (place.hidden !== undefined) where['where'] = place.hidden;
    findings.push({
      code,
      severity,
      ...(place.shift === null ? {} : { offset: at + place.shift }),
      detail: { ...detail, ...where },
    });
  };

  for (const use of stream.imports) importFindings(use, add);
  if (stream.importsUnlisted > 0) {
    add('unknown-global', 'caution', stream.start, { global: 'further names', count: stream.importsUnlisted });
  }
  for (const note of stream.notes) add(note.code, note.severity, note.offset, note.detail);
  const deepNoted = stream.notes.some((note) => note.code === 'deep-structure');
  const facts = graphFacts(stream.value);
  for (const sign of graphSigns(facts)) {
    if (sign === 'cyclic') add('cyclic-structure', 'caution', stream.start, {});
    else if (sign === 'exponential')
      add('exponential-structure', 'danger', stream.start, { containers: facts.containers });
    else if (!deepNoted) add('deep-structure', 'danger', stream.start, { depth: facts.depth });
  }
  if (stream.error !== null) {
    // An unknown name may act as well as a dangerous one.
    const acted = findings.some(({ severity, code }) => severity === 'danger' || code === 'unknown-global');
    const reason = String(stream.error.detail['reason'] ?? '');
    add('broken-stream', acted ? 'danger' : 'caution', stream.end, {
      ...(reason === '' ? {} : { reason }),
      error: stream.error.code,
    });
    if (stream.error.code === 'FORMAT_TRUNCATED') add('truncated', acted ? 'danger' : 'caution', stream.end, {});
  }
  return findings;
}

function importFindings(
  use: ImportUse,
  add: (code: FindingCode, severity: Severity, at: number, detail: ErrorDetail) => void,
): void {
  const { verdict } = use;
  if (verdict.class === 'allowed') return;
  const detail = {
    global: `${use.module} ${use.name}`.slice(0, 300),
    called: use.called,
    count: use.count,
    ...(verdict.danger === null ? {} : { danger: verdict.danger, does: DOES[verdict.danger] }),
  };
  if (verdict.class === 'dangerous') add('dangerous-global', 'danger', use.offset, detail);
  // On no list: nobody here can say what it does, so nobody says that it does harm.
  else add('unknown-global', 'caution', use.offset, detail);
  if (verdict.danger === 'network') add('network', 'danger', use.offset, detail);
}

/** The imports of a stream as the report lists them. */
export function streamImports(stream: PickleStream, place: StreamPlace): PickleImport[] {
  return stream.imports.map((use) => ({
    module: use.module.slice(0, 1000),
    name: use.name.slice(0, 1000),
    class: use.verdict.class,
    ...(use.verdict.danger === null ? {} : { danger: use.verdict.danger }),
    position: use.offset - place.start,
    ...(place.shift === null ? {} : { offset: use.offset + place.shift }),
    count: use.count,
    called: use.called,
    ...(place.member === undefined ? {} : { member: place.member }),
  }));
}

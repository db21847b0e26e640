/** NumPy archives: a zip of .npy files, stored or deflated (numpy.savez). */
import type { ByteSource } from '../bytes/source.ts';
import { AppError } from '../errors.ts';
import { TENSORS_MAX } from '../limits.ts';
import { incompleteOr } from './acts.ts';
import { ContentReport, scanEntries, scanGaps } from './archive-content.ts';
import type { Format, InnerChecksum, OpenArtifact } from './format.ts';
import { leadingDigest } from './header-digest.ts';
import { looksLikeNpz } from './npy/magic.ts';
import { readMember, type Member } from './npz/member.ts';
import { openZip } from './zip/archive.ts';
import { isDirectory, STORED, type LocatedEntry } from './zip/entry.ts';

export const npz: Format = {
  id: 'npz',
  title: 'NumPy archive',
  extensions: ['.npz'],
  match: (head, { name }) => looksLikeNpz(head, name),
  open: openNpz,
};

async function openNpz(source: ByteSource, signal?: AbortSignal): Promise<OpenArtifact> {
  const archive = await openZip(source, signal);
  const report = new ContentReport();
  report.take({ findings: archive.findings, imports: [] });
  report.problems.push(...archive.problems);
  const arrays = archive.entries.filter((entry) => entry.name.endsWith('.npy') && !isDirectory(entry));
  if (arrays.length > TENSORS_MAX) throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'arrays', max: TENSORS_MAX });
  const members = new Map<string, Member>();
  const names = new Set<string>();
  for (const located of arrays) {
    // Two readers may take different ones.
    if (names.has(located.name)) {
      report.problems.push(new AppError('FORMAT_DUPLICATE_ENTRY', { entry: located.name.slice(0, 200) }));
      continue;
    }
    names.add(located.name);
    try {
      if (located.problem !== null) throw located.problem;
      const member = await readMember(source, located, report, signal);
      report.take({ findings: member.findings, imports: [] });
      for (const { name } of member.entries) members.set(name, member);
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('FORMAT_')) throw error;
      report.problems.push(error);
    }
  }
  await scanEntries(archive, new Set<LocatedEntry>(arrays), report, signal);
  await scanGaps(archive, report, signal);
  return {
    format: 'npz',
    tensors: [...new Set(members.values())].flatMap(({ entries }) => entries),
    metadata: [],
    findings: report.findings,
    imports: report.imports,
    ...incompleteOr(report.problems, report.findings, report.imports),
    checksums: arrays.filter(({ method }) => method === STORED).flatMap(checksum),
    facts: { entries: archive.entries.length, arrays: names.size },
    ...(await leadingDigest(source, signal)),
    payload(tensor, abort) {
      const bytes = members.get(tensor.name)?.payload(tensor, abort) ?? null;
      if (bytes === null) throw new AppError('ENGINE_INTERNAL', { message: 'no payload', tensor: tensor.name });
      return bytes;
    },
  };
}

function checksum({ dataStart, dataEnd, crc32, name }: LocatedEntry): InnerChecksum[] {
  return dataStart < 0 ? [] : [{ algorithm: 'crc32', start: dataStart, end: dataEnd, value: crc32, name }];
}

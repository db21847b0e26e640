import type { ByteSource } from '../bytes/source.ts';
import { newBudget, type PickleFacts } from '../content/pickle/scan.ts';
import { scanArchive } from './archive-content.ts';
import type { Polyglot } from './polyglot.ts';

/**
 * What would run when a file is opened by its second reading: the pickles of an archive that stands in it. Findings
 * about the archive's form are left out; it is no wonder that a model stands before it.
 */
export async function secondReading(
  source: ByteSource,
  { kind }: Polyglot,
  signal: AbortSignal | undefined,
): Promise<PickleFacts> {
  if (kind !== 'zip') return { findings: [], imports: [] };
  const { findings, imports } = await scanArchive(source, newBudget(), signal);
  return { findings: findings.filter(({ code, severity }) => code !== 'polyglot' && severity !== 'note'), imports };
}

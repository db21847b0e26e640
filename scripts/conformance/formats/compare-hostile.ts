import type { Finding } from '../../../src/core/content/finding.ts';
import type { ErrorData } from '../../../src/core/errors.ts';
import type { SetJudgement } from '../../../src/core/formats/set.ts';
import { isPlainData } from '../../../src/core/formats/set/data-files.ts';
import { CODES } from './codes.ts';
import type { ComputedFile } from './compute.ts';
import type { ExpectedHostile } from './expectations.ts';

/** Everything said about one file, alone and as part of a set. */
interface Said {
  readonly file: ComputedFile;
  readonly errors: readonly ErrorData[];
  readonly findings: readonly Finding[];
}

/** Disagreements with one row, in words; empty when there are none. */
export function compareHostile(
  row: ExpectedHostile,
  file: ComputedFile | undefined,
  sets: readonly SetJudgement[],
): string[] {
  if (file === undefined) return ['no such file, or no answer'];
  const differ: string[] = [];
  if (row.bytes !== undefined && row.bytes !== file.bytes)
    differ.push(`bytes: expected ${row.bytes}, is ${file.bytes}`);
  if (row.sha256 !== undefined && row.sha256 !== file.sha256) differ.push('sha256: the file is another one');
  differ.push(...compareVerdict(row, gather(file, sets), sets));
  return differ;
}

function gather(file: ComputedFile, sets: readonly SetJudgement[]): Said {
  const errors = file.error === undefined ? [] : [file.error];
  const ofSets = sets.flatMap((set) => set.errors.filter(({ path }) => path === file.path).map(({ error }) => error));
  const findings = sets.flatMap((set) => set.findings.filter(({ path }) => path === file.path));
  return { file, errors: [...errors, ...ofSets], findings: [...file.findings, ...findings] };
}

function compareVerdict(
  { verdict, codes, pointer }: ExpectedHostile,
  said: Said,
  sets: readonly SetJudgement[],
): string[] {
  const refused = said.errors.length > 0 || said.file.notAModel !== undefined;
  const missing = codes.filter((code) => !says(said, code));
  switch (verdict) {
    case 'reject':
      // Codes of a refusal are names for one cause: the first that a reader meets is enough.
      if (!refused) return [`expected a refusal (${codes.join(', ')}), was read: ${words(said)}`];
      return missing.length === codes.length ? [`expected ${codes.join(' or ')}: ${words(said)}`] : [];
    case 'flag':
    case 'warn':
      if (refused) return [`expected to be readable with ${codes.join(', ')}: ${words(said)}`];
      return missing.map((code) => `expected ${code}: ${words(said)}`);
    case 'identify':
      if (pointer !== undefined) missing.push(...comparePointer(pointer, said.file));
      return missing.map((code) => `expected ${code}: ${words(said)}`);
    case 'part-of-set':
      // Data that another file of the set describes needs no form of its own.
      return (said.file.error === undefined && said.file.notAModel === undefined) || isData(said.file, sets)
        ? []
        : [`expected to be readable: ${words(said)}`];
  }
}

function isData({ path, error, notAModel }: ComputedFile, sets: readonly SetJudgement[]): boolean {
  const described = sets.some((judged) =>
    judged.sets.some(({ kind, index, files }) => kind === 'onnx-external' && index !== path && files.includes(path)),
  );
  return (
    described &&
    isPlainData({
      ...(error === undefined ? {} : { formatError: error }),
      ...(notAModel === undefined ? {} : { notAModel }),
    })
  );
}

function comparePointer(
  pointer: { readonly oid: string; readonly size: number },
  { notAModel }: ComputedFile,
): string[] {
  const differ: string[] = [];
  if (notAModel?.detail['oid'] !== pointer.oid) differ.push(`oid ${pointer.oid}`);
  if (notAModel?.detail['size'] !== pointer.size) differ.push(`size ${pointer.size}`);
  return differ;
}

function says({ file, errors, findings }: Said, code: string): boolean {
  const ours = CODES.get(code);
  if (ours === undefined) return false;
  return (
    errors.some((error) => ours.errors?.includes(error.code)) ||
    findings.some((finding) => ours.findings?.includes(finding.code)) ||
    (file.notAModel !== undefined && (ours.kinds?.includes(file.notAModel.kind) ?? false)) ||
    (file.format !== undefined && (ours.formats?.includes(file.format) ?? false))
  );
}

function words({ file, errors, findings }: Said): string {
  const said = [
    ...errors.map(({ code, detail }) => `${code} ${JSON.stringify(detail).slice(0, 200)}`),
    ...(file.notAModel === undefined ? [] : [`not a model: ${file.notAModel.kind}`]),
    ...(file.format === undefined ? [] : [`format ${file.format}`]),
    ...[...new Set(findings.map(({ code }) => code))].map((code) => `finding ${code}`),
  ];
  return `got ${said.length === 0 ? 'nothing' : said.join(', ')}`;
}

/** What a bill of materials says of a model against its configuration and the headers of its weights. */
import type { ErrorDetail } from '../../../errors.ts';
import type { AttestationInput } from '../kind.ts';
import type { Steps } from '../steps.ts';
import { sameArchitecture } from './architectures.ts';
import type { Bill, BillModel } from './bill.ts';
import { storedTypes } from './dtypes.ts';
import { foundBeside, type Compared, type Found, type FoundTensors } from './found.ts';
import { compareParameters, compareStored, largestTable } from './tensors-found.ts';

/**
 * Adds the step `consistency`: `matches` with what agrees, `contradicts` with ATTEST_CONSISTENCY {what, stated, actual,
 * where, more}, `no-claim` when the bill and the files say nothing of the same things. A value is compared only where both
 * sides say it and mean the same by it; a bill of several models does not say which of them is here.
 *
 * @throws AppError SOURCE_ABORTED
 */
export async function checkConsistency(bill: Bill, input: AttestationInput, steps: Steps): Promise<void> {
  const [model, another] = bill.models;
  const compared = model === undefined || another !== undefined ? [] : await compare(model, input);
  const differing = compared.flatMap((one) => ('stated' in one ? [one] : []));
  const detail: ErrorDetail = Object.fromEntries(
    compared.flatMap((one) => ('agreed' in one ? [[one.what, one.agreed]] : [])),
  );
  const [first] = differing;
  if (first !== undefined) {
    steps.contradicts('consistency', 'ATTEST_CONSISTENCY', { ...first, ...moreThan(differing) }, { detail });
  } else if (compared.length > 0) steps.matches('consistency', { detail });
  else steps.add({ id: 'consistency', outcome: 'no-claim' });
}

async function compare(model: BillModel, input: AttestationInput): Promise<readonly Compared[]> {
  const { config, headers, weights } = await foundBeside(input);
  const out: (Compared | null)[] = [];
  const sources = [...(config === null ? [] : [[config]]), ...(headers.length === 0 ? [] : [headers])];
  for (const found of sources) out.push(architecture(model, found));
  out.push(dtype(model, config, weights));
  for (const found of sources)
    out.push(among('context length', model.contextLength, found, (one) => one.contextLengths));
  out.push(vocabulary(model, sources, weights));
  out.push(compareParameters(model.parameters, weights));
  return once(out.filter((one) => one !== null));
}

/** What two places agree on is told once. */
function once(all: readonly Compared[]): readonly Compared[] {
  const differing = new Set(all.flatMap((one) => ('stated' in one ? one.what : [])));
  const seen = new Set<string>();
  return all.filter((one) => {
    if ('stated' in one) return true;
    if (differing.has(one.what) || seen.has(one.what)) return false;
    seen.add(one.what);
    return true;
  });
}

function architecture({ architecture: stated }: BillModel, found: readonly Found[]): Compared | null {
  if (stated === undefined) return null;
  const what = 'architecture';
  const answers = found.flatMap((one) =>
    one.architectures.map((name) => ({ name, where: one.where, same: sameArchitecture(stated, name, one.stored) })),
  );
  if (answers.some(({ same }) => same === true)) return { what, agreed: cut(stated) };
  // A name that is not known might be another word for the same.
  if (answers.length === 0 || answers.some(({ same }) => same === null)) return null;
  const { name, where } = answers[0]!;
  return { what, stated: cut(stated), actual: cut(name), where };
}

/** Tensors are what is here; a configuration speaks for them where no header was read. */
function dtype({ dtype: stated }: BillModel, config: Found | null, weights: readonly FoundTensors[]): Compared | null {
  const types = stated === undefined ? null : storedTypes(stated);
  if (stated === undefined || types === null) return null;
  const stored = compareStored(cut(stated), types, weights);
  if (stored !== null) return stored;
  const configured = config?.dtype === undefined ? null : storedTypes(config.dtype);
  if (configured === null) return null;
  const what = 'type of numbers';
  if (types.some((type) => configured.includes(type))) return { what, agreed: cut(stated) };
  return { what, stated: cut(stated), actual: cut(config!.dtype!), where: config!.where };
}

function among(
  what: string,
  stated: number | undefined,
  found: readonly Found[],
  values: (one: Found) => readonly number[],
): Compared | null {
  const first = found.find((one) => values(one).length > 0);
  if (stated === undefined || first === undefined) return null;
  if (found.some((one) => values(one).includes(stated))) return { what, agreed: String(stated) };
  return {
    what,
    stated: String(stated),
    actual: [...new Set(values(first))].slice(0, 3).join(' or '),
    where: first.where,
  };
}

/** Tables of tokens are often padded, so more rows than stated are fine, and fewer are not. */
function vocabulary(
  { vocabularySize: stated }: BillModel,
  sources: readonly (readonly Found[])[],
  weights: readonly FoundTensors[],
): Compared | null {
  const what = 'vocabulary';
  const answers = sources.map((found) => among(what, stated, found, (one) => one.vocabularies)).filter(Boolean);
  const differing = answers.find((one) => one !== null && 'stated' in one);
  if (differing) return differing;
  const table = largestTable(weights);
  if (stated !== undefined && table !== null && table.rows < stated) {
    return { what, stated: String(stated), actual: `${table.rows} rows`, where: table.where };
  }
  return answers[0] ?? null;
}

function moreThan(differing: readonly unknown[]): { readonly more?: number } {
  return differing.length > 1 ? { more: differing.length - 1 } : {};
}

function cut(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

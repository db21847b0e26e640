/** Whether the checkpoints are of one model at all. */
import { contradicts, holds, type Facts, type Flag, type SequenceCheck } from './check.ts';

export interface TensorForm {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
}

const SHOWN = 5;

/** Other shapes contradict; missing names (tied matrices written or not) and other types are told. */
export function judgeStructure(names: readonly string[], forms: readonly (readonly TensorForm[])[]): SequenceCheck {
  const [first = [], ...others] = forms;
  const known = new Map(first.map((form) => [form.name, form]));
  const flags: Flag[] = [];
  const dtypes = new Map<string, Facts>();
  for (const [i, other] of others.entries()) {
    const name = names[i + 1]!;
    const seen = new Set<string>();
    for (const form of other) {
      seen.add(form.name);
      const mine = known.get(form.name);
      if (mine === undefined) continue;
      if (mine.shape.join() !== form.shape.join()) {
        const [expected, actual] = [mine.shape.join(' × '), form.shape.join(' × ')];
        return contradicts('structure', { tensor: form.name, first: names[0]!, second: name, expected, actual });
      }
      if (mine.dtype !== form.dtype && !dtypes.has(`${mine.dtype} ${form.dtype}`)) {
        const told = { tensor: form.name, first: names[0]!, second: name, expected: mine.dtype, actual: form.dtype };
        dtypes.set(`${mine.dtype} ${form.dtype}`, told);
      }
    }
    const missing = first.filter((form) => !seen.has(form.name));
    const more = other.filter((form) => !known.has(form.name));
    if (missing.length + more.length > 0 && flags.length < SHOWN) {
      const tensor = (missing[0] ?? more[0])!.name;
      const detail = { first: names[0]!, second: name, missing: missing.length, more: more.length, tensor };
      flags.push({ code: 'names-differ', detail });
    }
  }
  for (const detail of [...dtypes.values()].slice(0, SHOWN)) flags.push({ code: 'dtypes-differ', detail });
  return holds('structure', { tensors: first.length, checkpoints: names.length }, flags);
}

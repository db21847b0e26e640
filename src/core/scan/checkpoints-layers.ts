/** Directions of the updates, part by part of the model. */
import type { MeasuredTensor } from '../checkpoints/judge-claims.ts';
import { addSums, emptySums, type SequenceSums } from '../checkpoints/sums.ts';
import { trajectoryOf } from '../checkpoints/trajectory.ts';
import type { LayerRow } from '../report/checkpoints.ts';
import { ROLE_TITLES } from '../tensors/roles/role.ts';
import { componentTitles, type DescribedModel } from './compare-list.ts';

/** Parts told apart; what comes after is one part. The deepest real models have some 130 layers. */
const LAYERS_MAX = 500;

export function layersOf({ candidates }: DescribedModel, tensors: readonly MeasuredTensor[]): readonly LayerRow[] {
  const roles = new Map(candidates.tensors.map(({ name, role }) => [name, role]));
  const titles = componentTitles(candidates.components);
  const groups = new Map<string, { readonly order: number; readonly sums: SequenceSums }>();
  for (const { name, sums, trained, dtypes } of tensors) {
    if (sums === null || !trained) continue;
    const role = roles.get(name);
    const layer = role?.layer ?? null;
    const part =
      role?.component === null || role === undefined || titles.length < 2 ? '' : `${titles[role.component] ?? ''} `;
    const own =
      layer !== null
        ? `layer ${layer}`
        : role === undefined || role.role === 'unknown'
          ? 'other'
          : ROLE_TITLES[role.role];
    const title = groups.size >= LAYERS_MAX && !groups.has(part + own) ? 'other' : part + own;
    const group = groups.get(title) ?? {
      order: layer ?? (title.endsWith('embedding') ? -1 : 1e9),
      sums: emptySums(dtypes.length),
    };
    groups.set(title, group);
    addSums(group.sums, sums);
  }
  return [...groups]
    .sort(([, a], [, b]) => a.order - b.order)
    .map(([name, { sums }]) => {
      const { segments, turns, values } = trajectoryOf(sums);
      return { name, values, moved: segments.map(({ l2 }) => l2), cosines: turns.map(({ cosine }) => cosine) };
    });
}

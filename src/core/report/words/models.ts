/** What a folder is, in one line: follows its path. Names are the model's own and were never checked. */
import type { ModelComponent, ModelFolder } from '../../formats/set/model-folders.ts';
import { clean } from './detail.ts';
import { plural } from './units.ts';

/** Parts of a pipeline that are named in one line. */
const NAMED = 12;

/** `a LORA adapter of rank 8, made for org/base`, `a diffusers pipeline (…Pipeline) of 5 parts: unet (…), …`. */
export function modelWords({ kind, facts, components }: ModelFolder): string {
  const text = (key: string): string => (Object.hasOwn(facts, key) ? clean(String(facts[key]), 80) : '');
  const named = text('architecture') === '' ? '' : ` (${text('architecture')})`;
  switch (kind) {
    case 'peft-adapter': {
      const rank = text('rank') === '' ? '' : ` of rank ${text('rank')}`;
      const base = text('base_model') === '' ? '' : `, made for ${text('base_model')}; that model is not part of it`;
      return `a ${text('adapter') || 'PEFT'} adapter${rank}${base}`;
    }
    case 'diffusers': {
      const listed = components.slice(0, NAMED).map(partWords);
      if (components.length > NAMED) listed.push(`and ${components.length - NAMED} more`);
      const parts = listed.length === 0 ? '' : ` of ${plural(components.length, 'part')}: ${listed.join(', ')}`;
      return `a diffusers pipeline${named}${parts}`;
    }
    case 'mlx': {
      const bits = text('bits') === '' ? '' : `, ${text('bits')}-bit in groups of ${text('group_size')}`;
      return `an MLX model${named}${bits}`;
    }
    case 'transformers':
      return `a transformers model${named}`;
  }
}

function partWords({ name, type, tensors, weights }: ModelComponent): string {
  const counted = tensors === 0 ? plural(weights.length, 'weight file') : plural(tensors, 'tensor');
  const held = weights.length === 0 ? 'no weights' : counted;
  return `${clean(name, 40)} (${clean(type, 60)}, ${held})`;
}

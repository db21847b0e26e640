/** Free pairs of name and value, where generators of bills put what the standard has no field for. */
import { field, listField, textField } from '../json.ts';

type Pair = readonly [name: string, value: string];

/** Of a component: its own, then those of its model card. */
export function propertiesOf(component: unknown): readonly Pair[] {
  return [component, field(component, 'modelCard')].flatMap(pairs);
}

export function pairs(owner: unknown): readonly Pair[] {
  return listField(owner, 'properties').flatMap((property) => {
    const name = textField(property, 'name');
    const value = textField(property, 'value');
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
}

/** A CycloneDX document as a bill of materials. What it says is taken as it stands; whether it may stand so is `schema.ts`. */
import { algorithmNamed } from '../../algorithm-names.ts';
import type { Bill, BillFile, BillHash, BillModel, BillOther } from '../bom/bill.ts';
import { statedOf } from '../bom/stated.ts';
import { field, isObject, listField, textField, type JsonObject } from '../json.ts';
import { fieldsOf } from './fields.ts';
import { propertiesOf } from './properties.ts';

const MODEL = 'machine-learning-model';

/** @param document JSON of any shape; depth and number of values are bounded by the strict reader */
export function readCyclonedx(document: unknown): Bill {
  const components = componentsOf(document);
  const models = components.filter((one) => textField(one, 'type') === MODEL);
  const files: BillFile[] = [];
  const others: BillOther[] = [];
  for (const component of components) {
    const name = nameOf(component);
    const hashes = hashesOf(component);
    const type = textField(component, 'type');
    if (type === 'file') files.push({ name, hashes });
    else if (hashes.length > 0) others.push({ name, hashes, what: OTHERS.get(type) ?? 'package' });
    others.push(...referencesOf(component));
  }
  const [first] = models;
  return {
    form: 'cyclonedx',
    version: textField(document, 'specVersion') ?? '',
    models: distinct(models.map(modelOf)),
    files,
    others: [...others, ...referencesOf(document)],
    fields: fieldsOf(document, first ?? field(field(document, 'metadata'), 'component')),
    signed: [document, ...components].some((one) => field(one, 'signature') !== undefined),
  };
}

const OTHERS: ReadonlyMap<string | undefined, BillOther['what']> = new Map([
  [MODEL, 'model'],
  ['data', 'data'],
]);

/** What the bill is about, then its parts, each before its own parts. Tools that made the bill are no part of it. */
function componentsOf(document: unknown): readonly JsonObject[] {
  const found: JsonObject[] = [];
  // A stack of our own: hostile nesting is bounded by the JSON reader, and the order is the document’s.
  const open: unknown[] = [...listField(document, 'components')].reverse();
  open.push(field(field(document, 'metadata'), 'component'));
  while (open.length > 0) {
    const one = open.pop();
    if (!isObject(one)) continue;
    found.push(one);
    const parts = listField(one, 'components');
    for (let i = parts.length - 1; i >= 0; i--) open.push(parts[i]);
  }
  return found;
}

function nameOf(component: unknown): string {
  return textField(component, 'name') ?? '';
}

function hashesOf(owner: unknown): readonly BillHash[] {
  return listField(owner, 'hashes').flatMap((hash) => {
    const written = textField(hash, 'alg');
    const value = textField(hash, 'content');
    if (written === undefined || value === undefined) return [];
    const algorithm = algorithmNamed(written);
    return [{ written, value: value.toLowerCase(), ...(algorithm === null ? {} : { algorithm }) }];
  });
}

/** Hashes of what lies behind an address: nobody says that it is a file beside the bill. */
function referencesOf(owner: unknown): readonly BillOther[] {
  return listField(owner, 'externalReferences').flatMap((reference) => {
    const hashes = hashesOf(reference);
    return hashes.length === 0 ? [] : [{ name: textField(reference, 'url') ?? '', what: 'reference', hashes }];
  });
}

function modelOf(component: JsonObject): BillModel {
  const parameters = field(field(component, 'modelCard'), 'modelParameters');
  const architecture = textField(parameters, 'modelArchitecture') ?? textField(parameters, 'architectureFamily');
  const version = textField(component, 'version');
  const purl = textField(component, 'purl');
  return {
    name: nameOf(component),
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    ...statedOf([
      ...propertiesOf(component),
      ...(architecture === undefined ? [] : [['modelArchitecture', architecture] as const]),
    ]),
  };
}

/** Generators describe one model twice: as what the bill is about, and as its first component. */
function distinct(models: readonly BillModel[]): readonly BillModel[] {
  const by = new Map<string, BillModel>();
  for (const model of models) {
    const key = JSON.stringify([model.name, model.version]);
    by.set(key, { ...model, ...by.get(key) });
  }
  return [...by.values()];
}

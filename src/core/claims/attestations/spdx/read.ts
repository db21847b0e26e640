/** An SPDX 3.0 document as a bill of materials. What it says is taken as it stands; whether it may stand so is `rules.ts`. */
import { algorithmNamed } from '../../algorithm-names.ts';
import type { Bill, BillField, BillFile, BillHash, BillModel, BillOther } from '../bom/bill.ts';
import { statedOf } from '../bom/stated.ts';
import { field, listField, textField, type JsonObject } from '../json.ts';
import type { SpdxDocument } from './document.ts';

const DATA = 'dataset_DatasetPackage';
const MODEL = 'ai_AIPackage';
/** What a package is, for hashes of something that is not one file. */
const PACKAGES: Readonly<Record<string, BillOther['what']>> = {
  [MODEL]: 'model',
  [DATA]: 'data',
  software_Package: 'package',
};

export function readSpdx({ elements, version }: SpdxDocument): Bill {
  const graph = new Graph(elements);
  const models = graph.of(MODEL);
  return {
    form: 'spdx',
    version,
    models: models.map((model) => modelOf(model)),
    files: graph
      .of('software_File')
      .filter((file) => textField(file, 'software_fileKind') !== 'directory')
      .map((file): BillFile => ({ name: textField(file, 'name') ?? '', hashes: graph.hashes(file) })),
    others: elements.flatMap((element) => otherOf(element, graph)),
    fields: fieldsOf(graph, models, version),
    signed: false,
  };
}

/** Elements by type and by identifier. */
class Graph {
  readonly elements: readonly JsonObject[];
  readonly #byId = new Map<string, JsonObject>();

  constructor(elements: readonly JsonObject[]) {
    this.elements = elements;
    for (const element of elements) {
      const id = textField(element, 'spdxId') ?? textField(element, '@id');
      if (id !== undefined && !this.#byId.has(id)) this.#byId.set(id, element);
    }
  }

  of(type: string): readonly JsonObject[] {
    return this.elements.filter((element) => textField(element, 'type') === type);
  }

  /** An object that stands in place, or the one an identifier leads to within the document. */
  resolve(value: unknown): unknown {
    return typeof value === 'string' ? this.#byId.get(value) : value;
  }

  /** Codes over several files, and identifiers that are no hash of bytes, are left out: they are of no one file. */
  hashes(element: unknown): readonly BillHash[] {
    return listField(element, 'verifiedUsing').flatMap((one) => {
      const method = this.resolve(one);
      const written = textField(method, 'algorithm');
      const value = textField(method, 'hashValue');
      if (textField(method, 'type') !== 'Hash' || written === undefined || value === undefined) return [];
      const algorithm = algorithmNamed(written);
      return [{ written, ...(algorithm === null ? {} : { algorithm }), value: value.toLowerCase() }];
    });
  }

  /** What relationships of one of the kinds lead to from one of the elements. */
  related(from: readonly JsonObject[], kinds: readonly string[]): readonly unknown[] {
    const ids = new Set(from.map((element) => textField(element, 'spdxId')));
    return this.elements
      .filter((one) => kinds.includes(textField(one, 'relationshipType') ?? '') && ids.has(textField(one, 'from')))
      .flatMap((one) => listField(one, 'to'));
  }
}

function otherOf(element: JsonObject, graph: Graph): readonly BillOther[] {
  const type = textField(element, 'type') ?? '';
  const directory = textField(element, 'software_fileKind') === 'directory';
  if (type === 'software_File' && !directory) return [];
  const hashes = graph.hashes(element);
  const what = Object.hasOwn(PACKAGES, type) ? PACKAGES[type]! : 'reference';
  return hashes.length === 0 ? [] : [{ name: textField(element, 'name') ?? '', what, hashes }];
}

function modelOf(model: JsonObject): BillModel {
  const version = textField(model, 'software_packageVersion');
  const purl = purlOf(model);
  const pairs = listField(model, 'ai_hyperparameter').flatMap((entry): (readonly [string, string])[] => {
    const key = textField(entry, 'key');
    const value = textField(entry, 'value');
    return key === undefined || value === undefined ? [] : [[key, value]];
  });
  return {
    name: textField(model, 'name') ?? '',
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    ...statedOf(pairs),
  };
}

function purlOf(element: unknown): string | undefined {
  const own = textField(element, 'software_packageUrl');
  if (own !== undefined) return own;
  const identifiers = listField(element, 'externalIdentifier');
  return textField(
    identifiers.find((one) => textField(one, 'externalIdentifierType') === 'packageUrl'),
    'identifier',
  );
}

/** `NOASSERTION` and kin say that nothing is said. */
const SILENT = /^\s*(?:no[ -]?assertion|none|n\/?a|unknown)?\s*$/i;

/** Fields of the models it describes; of its data sets, then of its packages, where it describes no model. */
function fieldsOf(graph: Graph, models: readonly JsonObject[], version: string): ReadonlyMap<BillField, string> {
  const about = [models, graph.of(DATA), graph.of('software_Package')].find((list) => list.length > 0) ?? [];
  const fields = new Map<BillField, string>();
  const say = (id: BillField, ...texts: readonly (string | undefined)[]): void => {
    const found = texts.find((text) => text !== undefined && !SILENT.test(text));
    if (found !== undefined) fields.set(id, found);
  };
  const each = (key: string): readonly (string | undefined)[] => about.map((one) => textField(one, key));
  const all = (key: string): string => about.flatMap((one) => listField(one, key).filter(isText)).join(', ');
  const [document] = graph.of('SpdxDocument');
  const named = (value: unknown): string | undefined =>
    textField(graph.resolve(value), 'name') ?? (isText(value) ? value : undefined);

  say('bomFormat', 'SPDX');
  say('specVersion', version);
  say('serialNumber', textField(document, 'spdxId'));
  // A document of SPDX has no number of its own: it is told from an earlier one by when it was made.
  say('version', textField(graph.resolve(field(document, 'creationInfo')), 'created'));
  say('primaryPurpose', ...each('software_primaryPurpose'));
  say('suppliedBy', ...about.map((one) => named(field(one, 'suppliedBy'))));
  say('name', ...each('name'));
  say('type', ...each('type'));
  say('componentVersion', ...each('software_packageVersion'));
  say('purl', ...about.map(purlOf));
  say('description', ...each('description'), ...each('summary'));
  say(
    'licenses',
    ...graph.related(about, ['hasDeclaredLicense', 'hasConcludedLicense']).map((to) => licence(to, graph)),
  );
  say('downloadLocation', ...each('software_downloadLocation'));
  say('datasets', ...graph.related(about, ['trainedOn', 'testedOn']).map(named));
  const energy = about.find((one) => field(one, 'ai_energyConsumption') !== undefined);
  say('energyConsumption', energy === undefined ? undefined : energyOf(graph.resolve(energy['ai_energyConsumption'])));
  say('hyperparameter', entries(about.flatMap((one) => listField(one, 'ai_hyperparameter'))));
  say('technicalLimitations', ...each('ai_limitation'));
  say('safetyRiskAssessment', ...each('ai_safetyRiskAssessment'));
  say('intendedUse', ...each('ai_informationAboutApplication'), ...each('dataset_intendedUse'));
  say('typeOfModel', all('ai_typeOfModel'));
  return fields;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function licence(to: unknown, graph: Graph): string | undefined {
  const found = graph.resolve(to);
  return (
    textField(found, 'simplelicensing_licenseExpression') ??
    textField(found, 'name') ??
    (isText(to) ? to.replace(/^https?:\/\/spdx\.org\/licenses\//, '') : undefined)
  );
}

const ENTRIES_SHOWN = 10;

function entries(list: readonly unknown[]): string {
  return list
    .slice(0, ENTRIES_SHOWN)
    .map((entry) => `${textField(entry, 'key') ?? ''}: ${textField(entry, 'value') ?? ''}`)
    .join(', ');
}

function energyOf(value: unknown): string {
  const kinds = {
    ai_trainingEnergyConsumption: 'training',
    ai_finetuningEnergyConsumption: 'fine-tuning',
    ai_inferenceEnergyConsumption: 'inference',
  };
  return Object.entries(kinds)
    .flatMap(([key, name]) =>
      listField(value, key).map(
        (one) => `${name} ${String(field(one, 'ai_energyQuantity'))} ${textField(one, 'ai_energyUnit') ?? ''}`,
      ),
    )
    .join(', ');
}

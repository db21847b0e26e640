/**
 * Where a CycloneDX bill says what people expect of it. Places: OWASP GenAI aibom-generator, `field_registry.json`, and
 * where CycloneDX 1.6 and 1.7 have a place of their own for the same.
 */
import type { BillField } from '../bom/bill.ts';
import { field, isObject, listField, textField } from '../json.ts';
import { pairs, propertiesOf } from './properties.ts';

const KEPT = 300;
const LISTED = 5;

/** @param about the model, or what the bill is about when it describes none */
export function fieldsOf(document: unknown, about: unknown): ReadonlyMap<BillField, string> {
  const card = field(about, 'modelCard');
  const parameters = field(card, 'modelParameters');
  const considerations = field(card, 'considerations');
  const metadata = field(document, 'metadata');
  const free = [...propertiesOf(about), ...pairs(metadata), ...pairs(document)];
  const property = (name: string): string | undefined =>
    free.find(([key]) => key.slice(key.lastIndexOf(':') + 1).toLowerCase() === name.toLowerCase())?.[1];
  const reference = (...types: readonly string[]): string | undefined =>
    textField(
      listField(about, 'externalReferences').find((one) => types.includes(textField(one, 'type') ?? '')),
      'url',
    );

  const said: Readonly<Record<BillField, string | undefined>> = {
    bomFormat: textField(document, 'bomFormat'),
    specVersion: textField(document, 'specVersion'),
    serialNumber: textField(document, 'serialNumber'),
    version: numberField(document, 'version'),
    primaryPurpose: textField(parameters, 'task') ?? property('primaryPurpose'),
    suppliedBy: supplierOf(about) ?? supplierOf(metadata),
    name: textField(about, 'name'),
    type: textField(about, 'type'),
    componentVersion: textField(about, 'version'),
    purl: textField(about, 'purl'),
    description: textField(about, 'description'),
    licenses: listed(listField(about, 'licenses').map(licenceOf)),
    downloadLocation: reference('distribution', 'website'),
    datasets: listed(listField(parameters, 'datasets').map(datasetOf)),
    ethicalConsiderations: listed(
      listField(considerations, 'ethicalConsiderations').map((one) => textField(one, 'name')),
    ),
    energyConsumption: listed(energyOf(considerations)) ?? property('energyConsumption'),
    hyperparameter: property('hyperparameter') ?? property('hyperparameters'),
    technicalLimitations: listed(listField(considerations, 'technicalLimitations')),
    safetyRiskAssessment: property('safetyRiskAssessment') ?? reference('risk-assessment'),
    intendedUse: listed(listField(considerations, 'useCases')),
    typeOfModel: textField(parameters, 'modelArchitecture') ?? property('typeOfModel'),
  };
  const entries = Object.entries(said) as readonly [BillField, string | undefined][];
  return new Map(
    entries.flatMap(([key, text]) => (text === undefined || text === '' ? [] : [[key, text.slice(0, KEPT)]])),
  );
}

function numberField(value: unknown, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === 'number' ? String(found) : undefined;
}

function listed(values: readonly unknown[]): string | undefined {
  const texts = values.filter((value): value is string => typeof value === 'string' && value !== '');
  return texts.length === 0 ? undefined : texts.slice(0, LISTED).join(', ');
}

function supplierOf(owner: unknown): string | undefined {
  const [author] = listField(owner, 'authors');
  return (
    textField(field(owner, 'supplier'), 'name') ??
    textField(field(owner, 'manufacturer'), 'name') ??
    textField(owner, 'publisher') ??
    textField(author, 'name') ??
    textField(owner, 'author')
  );
}

function licenceOf(choice: unknown): string | undefined {
  const licence = field(choice, 'license');
  return textField(licence, 'id') ?? textField(licence, 'name') ?? textField(choice, 'expression');
}

/** In place, or a reference to a component of the bill. */
function datasetOf(dataset: unknown): string | undefined {
  return textField(dataset, 'name') ?? textField(dataset, 'ref') ?? textField(field(dataset, 'contents'), 'url');
}

/** Since 1.6. */
function energyOf(considerations: unknown): readonly (string | undefined)[] {
  return listField(field(considerations, 'environmentalConsiderations'), 'energyConsumptions').map((one) => {
    const cost = field(one, 'activityEnergyCost');
    const value = isObject(cost) ? cost['value'] : undefined;
    if (typeof value !== 'number') return textField(one, 'activity');
    return `${textField(one, 'activity') ?? ''} ${value} ${textField(cost, 'unit') ?? ''}`.trim();
  });
}

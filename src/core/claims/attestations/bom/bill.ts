/** What a bill of materials says about a model, whatever its form. All text is the bill's own: show as text. */
import type { Algorithm } from '../../../hash/hasher.ts';

export interface Bill {
  readonly form: 'cyclonedx' | 'spdx';
  /** Of the form: `1.6`, `3.0.1`. */
  readonly version: string;
  /** Models it describes, in the order of the document. */
  readonly models: readonly BillModel[];
  /** Everything in it that stands for one file, with or without hashes. */
  readonly files: readonly BillFile[];
  /** Hashes of something that is not one file: a package, a whole data set, a model of several files. Never compared with a file by guess. */
  readonly others: readonly BillOther[];
  /** What it says at all, for completeness: field → a short piece of what it says. */
  readonly fields: ReadonlyMap<BillField, string>;
  /** It carries a signature inside (JSF); not checked. */
  readonly signed: boolean;
}

/** What can be held against a configuration or a header. Absent: the bill does not say. */
export interface BillModel {
  readonly name: string;
  readonly version?: string;
  /** `pkg:huggingface/org/name@revision`. */
  readonly purl?: string;
  readonly architecture?: string;
  /** As written: `bf16`, `float16`, `F16`. */
  readonly dtype?: string;
  readonly contextLength?: number;
  readonly vocabularySize?: number;
  readonly parameters?: number;
}

export interface BillFile {
  /** Path or name as written; resolved and checked by `files.ts`. */
  readonly name: string;
  readonly hashes: readonly BillHash[];
}

export interface BillOther {
  readonly name: string;
  readonly what: 'model' | 'package' | 'data' | 'reference';
  readonly hashes: readonly BillHash[];
}

export interface BillHash {
  /** As the bill writes it: `SHA-256`, `blake2b512`. */
  readonly written: string;
  /** Absent: not one we compute. */
  readonly algorithm?: Algorithm;
  /** Lower-case hex. */
  readonly value: string;
}

/** Fields that people expect of a model's bill (OWASP GenAI aibom-generator, `field_registry.json`, by tier). */
export const BILL_FIELDS = {
  critical: [
    'bomFormat',
    'specVersion',
    'serialNumber',
    'version',
    'primaryPurpose',
    'suppliedBy',
    'name',
    'type',
    'componentVersion',
  ],
  important: [
    'purl',
    'description',
    'licenses',
    'downloadLocation',
    'datasets',
    'ethicalConsiderations',
    'energyConsumption',
    'hyperparameter',
    'technicalLimitations',
    'safetyRiskAssessment',
    'intendedUse',
    'typeOfModel',
  ],
} as const;

export type BillField = (typeof BILL_FIELDS)['critical' | 'important'][number];

/** What SLSA provenance (v0.2, v1) and verification summaries say, in common terms. */
import { field, listField, textField } from '../json.ts';
import type { Statement } from './statement.ts';

export type PredicateKind = 'provenance' | 'summary' | 'publish' | 'other';

export interface Predicate {
  readonly kind: PredicateKind;
  readonly builder?: string;
  readonly buildType?: string;
  /** Repository, without `git+` and `@ref`. */
  readonly source?: string;
  readonly ref?: string;
  /** Parameters outside the known ones, which may change what was built. */
  readonly unknownParameters: readonly string[];
  readonly verifier?: string;
  readonly resource?: string;
  readonly levels: readonly string[];
  /** `PASSED`, `FAILED`. */
  readonly result?: string;
}

const NPM_PUBLISH = 'https://github.com/npm/attestation/tree/main/specs/publish/v0.1';

export function readPredicate({ predicateType, predicate }: Statement): Predicate {
  const none = { unknownParameters: [], levels: [] };
  // Drafts of v1 carry `v1.0?draft`.
  if (/^https:\/\/slsa\.dev\/provenance\/v1(?:\.\d+)?(?:\?draft)?$/.test(predicateType))
    return { ...none, ...provenanceV1(predicate) };
  if (predicateType === 'https://slsa.dev/provenance/v0.2') return { ...none, ...provenanceV02(predicate) };
  if (/^https:\/\/slsa\.dev\/verification_summary\/v(?:1|0\.\d)$/.test(predicateType))
    return { ...none, ...summary(predicate) };
  return { ...none, kind: predicateType === NPM_PUBLISH ? 'publish' : 'other' };
}

type Read = Partial<Predicate> & { readonly kind: PredicateKind };

function provenanceV1(predicate: unknown): Read {
  const definition = field(predicate, 'buildDefinition');
  const parameters = field(definition, 'externalParameters');
  const workflow = field(parameters, 'workflow');
  const details = field(predicate, 'runDetails');
  const builder = textField(field(details, 'builder'), 'id');
  const buildType = textField(definition, 'buildType');
  const uri =
    textField(workflow, 'repository') ??
    textField(field(parameters, 'source'), 'uri') ??
    textField(parameters, 'source');
  const source = uri === undefined ? {} : splitSource(uri);
  const ref = textField(workflow, 'ref');
  return {
    kind: 'provenance',
    ...(builder === undefined ? {} : { builder }),
    ...(buildType === undefined ? {} : { buildType }),
    ...source,
    ...(ref === undefined ? {} : { ref }),
    unknownParameters: Object.keys((parameters ?? {}) as object).filter(
      (key) => key !== 'workflow' && key !== 'source',
    ),
  };
}

function provenanceV02(predicate: unknown): Read {
  const builder = textField(field(predicate, 'builder'), 'id');
  const buildType = textField(predicate, 'buildType');
  const uri = textField(field(field(predicate, 'invocation'), 'configSource'), 'uri');
  return {
    kind: 'provenance',
    ...(builder === undefined ? {} : { builder }),
    ...(buildType === undefined ? {} : { buildType }),
    ...(uri === undefined ? {} : splitSource(uri)),
  };
}

function summary(predicate: unknown): Read {
  const verifier = textField(field(predicate, 'verifier'), 'id');
  const resource = textField(predicate, 'resourceUri');
  const result = textField(predicate, 'verificationResult');
  return {
    kind: 'summary',
    ...(verifier === undefined ? {} : { verifier }),
    ...(resource === undefined ? {} : { resource }),
    ...(result === undefined ? {} : { result }),
    levels: listField(predicate, 'verifiedLevels').filter((level): level is string => typeof level === 'string'),
  };
}

/** `git+https://github.com/o/r@refs/heads/main` → repository and ref. */
export function splitSource(uri: string): { readonly source: string; readonly ref?: string } {
  const [, source = uri, ref] = /^(?:git\+)?(.*?)(?:@(refs\/.*|[0-9a-f]{40}))?$/.exec(uri) ?? [];
  return { source, ...(ref === undefined ? {} : { ref }) };
}

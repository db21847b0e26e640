/** The inside of a signed in-toto statement: what it says, about which files, and whether that is what was expected. */
import type { CoveredFile, TrustOrigin } from '../attestation.ts';
import type { AttestationInput } from '../kind.ts';
import type { CertificateFacts } from '../sigstore/certificate-facts.ts';
import type { Steps } from '../steps.ts';
import { AppError, type ErrorData } from '../../../errors.ts';
import { applyPolicy, asksBuild, isAsked } from './apply-policy.ts';
import { examineBill, type SignedBill } from './bills.ts';
import { builderLevel } from './builders.ts';
import { readPolicies, type Policy } from './policy.ts';
import { readPredicate, type Predicate } from './predicate.ts';
import { parseStatement, type Statement } from './statement.ts';
import { matchSubjects } from './subjects.ts';

export type Facts = Record<string, string | number | boolean>;

/**
 * Adds the steps `statement`, `files`, `policy`, and those of a bill of materials when the statement is one.
 *
 * @throws AppError SOURCE_*
 */
export async function examineStatement(
  payload: { readonly type: string; readonly bytes: Uint8Array },
  certificate: CertificateFacts,
  input: AttestationInput,
  steps: Steps,
  facts: Facts,
): Promise<SignedBill> {
  const parsed = await steps.run(
    'statement',
    () => {
      const statement = parseStatement(payload.type, payload.bytes);
      return { statement, predicate: readPredicate(statement) };
    },
    ({ statement }) => ({ detail: { predicateType: statement.predicateType } }),
  );
  if (parsed === null) return { files: [], warnings: [] };
  const { statement, predicate } = parsed;
  note(statement, predicate, facts);
  const { policy, unusable } = policyOf(input);
  const files = await compareFiles(statement, policy, input, steps);
  const trust = input.expect.policies[0]?.origin;
  // What the person supplied cannot speak against the statement.
  if (unusable !== null) steps.unchecked('policy', unusable, trust === undefined ? {} : { trust });
  else await comparePolicy(policy, statement, predicate, certificate, steps, facts, trust);
  if (steps.failed !== null) return { files, warnings: [] };
  const bill = await examineBill(statement, input, steps);
  return { ...bill, files: [...files, ...bill.files.filter((row) => !files.some(({ path }) => path === row.path))] };
}

function policyOf({ expect }: AttestationInput): { readonly policy: Policy; readonly unusable: ErrorData | null } {
  try {
    return { policy: readPolicies(expect.policies), unusable: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { policy: {}, unusable: error.toData() };
  }
}

function note({ predicateType, subjects }: Statement, predicate: Predicate, facts: Facts): void {
  facts['predicateType'] = predicateType;
  facts['subjects'] = subjects.length;
  for (const key of ['builder', 'buildType', 'source', 'ref', 'verifier', 'resource', 'result'] as const) {
    const value = predicate[key];
    if (value !== undefined) facts[key] = value;
  }
  if (predicate.levels.length > 0) facts['levels'] = predicate.levels.join(', ');
  if (predicate.unknownParameters.length > 0)
    facts['unknownParameters'] = predicate.unknownParameters.join(', ').slice(0, 500);
}

async function compareFiles(
  statement: Statement,
  policy: Policy,
  { path, folder }: AttestationInput,
  steps: Steps,
): Promise<readonly CoveredFile[]> {
  if (policy.subject !== undefined) {
    const found = statement.subjects.some(({ others }) => others.includes(policy.subject!));
    if (found) steps.matches('files', { detail: { subject: policy.subject } });
    else steps.contradicts('files', 'ATTEST_SUBJECT', { name: policy.subject });
    return [];
  }
  const candidates = folder.files.map((file) => file.path).filter((other) => other !== path);
  const files = await matchSubjects(statement, folder, candidates);
  const same = files.filter(({ state }) => state === 'same').length;
  const subjects = statement.subjects.length;
  // One statement may speak about many files of which some are here; one that fits none is about something else.
  if (same > 0) steps.matches('files', { detail: { same, subjects } });
  else if (candidates.length === 0)
    steps.unchecked('files', { code: 'ATTEST_NO_FILE', detail: { path: statement.subjects[0]!.name } });
  else steps.contradicts('files', 'ATTEST_SUBJECT', { name: statement.subjects[0]!.name });
  return files;
}

async function comparePolicy(
  policy: Policy,
  statement: Statement,
  predicate: Predicate,
  certificate: CertificateFacts,
  steps: Steps,
  facts: Facts,
  trust: TrustOrigin | undefined,
): Promise<void> {
  if (isAsked(policy, predicate)) {
    const told = Object.fromEntries(Object.entries(policy).map(([key, value]) => [key, String(value)]));
    const held = await steps.run(
      'policy',
      () => applyPolicy(policy, statement, predicate, certificate),
      () => ({ detail: told, ...(trust === undefined ? {} : { trust }) }),
    );
    // A level means something only of a builder that the person expects.
    if (held !== null && predicate.kind === 'provenance' && policy.builder !== undefined)
      facts['level'] = builderLevel(predicate.builder, certificate);
    return;
  }
  if (steps.failed !== null || predicate.kind === 'publish') return;
  // What was asked for and is not answered must not pass in silence; what was not asked for is no gap in the proof.
  if (asksBuild(policy)) steps.unchecked('policy', { code: 'ATTEST_NO_ANSWER', detail: {} });
  else if (predicate.kind !== 'other')
    steps.add({ id: 'policy', outcome: 'no-claim', reason: { code: 'ATTEST_NO_POLICY', detail: {} } });
}

/** Plain signed manifests: a list of files in JSON with a signature by a key that the person has to know. */
import { verifySignature, type PublicKey } from '../../../crypto/public-key.ts';
import { AppError } from '../../../errors.ts';
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import { concluded, type Attestation, type CoveredFile, type Signer, type TrustOrigin } from '../attestation.ts';
import { keysOf, unusableKey } from '../detached/given-keys.ts';
import { textField } from '../json.ts';
import type { AttestationInput, AttestationKind, Supplied } from '../kind.ts';
import { rootDigest } from '../oms/files.ts';
import { Steps } from '../steps.ts';
import { MANIFEST_ALGORITHMS, manifestAlgorithm, manifestKeyId, signedForms, type SignedForm } from './canonical.ts';
import { compareListed, compareSingle } from './files.ts';
import {
  listedFiles,
  looksLikeManifest,
  modelName,
  readManifest,
  singleDigest,
  statedRoot,
  type ManifestRecord,
  type StatedFile,
  type StatedSignature,
} from './record.ts';

export const MANIFEST: AttestationKind = {
  id: 'manifest',
  title: 'plain signed manifests',
  names: /(?:^|[.-])(?:manifest|provenance)(?:\.signed)?\.json$|\.signed\.json$/i,
  // Of web applications, container images, model archives.
  sharedNames: /^manifest\.json$/i,
  recognises: (_, bytes) => bytes.length <= CLAIM_BUNDLE_MAX && looksLikeManifest(bytes),
  examine: async (input) => [await examine(input)],
};

async function examine(input: AttestationInput): Promise<Attestation> {
  const steps = new Steps();
  const facts: Record<string, string | number | boolean> = {};
  let signer: Signer | null = null;
  let files: readonly CoveredFile[] = [];
  const record = await steps.run('bundle', () => readManifest(input.bytes));
  if (record !== null) {
    note(record, facts);
    if (record.signature === null) steps.add({ id: 'signature', outcome: 'no-claim' });
    else signer = await checkSignature(record.signature, input, steps, facts);
    files = await checkList(record, input, steps, facts);
  }
  const list = steps.list();
  const broken = list.some(({ id, outcome }) => id !== 'files' && outcome === 'contradicts');
  return {
    kind: 'manifest',
    path: input.path,
    outcome: concluded(list),
    steps: list,
    ...(signer === null || broken ? {} : { signer }),
    files,
    warnings: [],
    facts,
  };
}

function note({ document, shape, signature }: ManifestRecord, facts: Record<string, string | number | boolean>): void {
  facts['form'] = shape;
  const model = modelName(document);
  if (model !== undefined) facts['model'] = model.slice(0, 200);
  const created = textField(document, 'created') ?? textField(document, 'timestamp');
  if (created !== undefined) facts['created'] = created.slice(0, 100);
  if (signature?.alg !== undefined) facts['algorithm'] = signature.alg.slice(0, 100);
  if (signature?.ownKey) facts['carriesKey'] = true;
}

/** For people. The report's facts have the id. */
const FORMS: Readonly<Record<SignedForm['id'], string>> = {
  jcs: 'canonical JSON (RFC 8785)',
  'python-compact': 'compact JSON of Python, keys sorted',
  'python-default': 'JSON of Python, keys sorted',
  text: 'the text of the file without its signature',
};

interface Held {
  readonly key: PublicKey;
  readonly origin: TrustOrigin;
  readonly form: SignedForm['id'];
}

async function checkSignature(
  signature: StatedSignature,
  { expect, bytes }: AttestationInput,
  steps: Steps,
  facts: Record<string, string | number | boolean>,
): Promise<Signer | null> {
  const keys = await steps.run(
    'material',
    () => chooseKeys(expect.keys, signature),
    ([first]) => ({ trust: first!.origin }),
  );
  if (keys === null) return null;
  const held = await steps.run(
    'signature',
    () => holds(keys, signature, signedForms(bytes)),
    ({ origin, form }) => ({ trust: origin, detail: { signedText: FORMS[form] } }),
  );
  if (held === null) return null;
  facts['signedText'] = held.form;
  return { method: 'key', name: held.origin.name, key: await manifestKeyId(held.key.spki) };
}

interface GivenKey {
  readonly key: PublicKey;
  readonly origin: TrustOrigin;
}

const WANTS = 'the publisher’s public key as a PEM file (P-256, P-384 or Ed25519)';

/** The given key that the manifest names, or all given ones when it names none. @throws AppError ATTEST_NO_KEY, ATTEST_NO_USABLE_KEY, ATTEST_OTHER_KEY, ATTEST_MATERIAL */
async function chooseKeys(given: readonly Supplied[], { keyid, alg }: StatedSignature): Promise<readonly GivenKey[]> {
  const known = alg === undefined ? undefined : algorithmNamed(alg);
  if (alg !== undefined && known === undefined) {
    throw new AppError('ATTEST_MATERIAL', { why: `unknown algorithm ${alg.slice(0, 60)}` });
  }
  const id = keyid !== undefined && /^[0-9a-f]{64}$/.test(keyid) ? keyid : undefined;
  const hint = id === undefined ? {} : { hint: id };
  if (given.length === 0) throw new AppError('ATTEST_NO_KEY', hint);
  const keys = keysOf(given, ['pem'], WANTS);
  const ids = await Promise.all(keys.map(({ key }) => manifestKeyId(key.spki)));
  const chosen = keys.filter((_, i) => id === undefined || ids[i] === id);
  if (chosen.length === 0) throw new AppError('ATTEST_OTHER_KEY', hint);
  const fitting = chosen.filter(({ key }) => {
    const name = manifestAlgorithm(key);
    return name !== null && (known === undefined || name === known);
  });
  if (fitting.length > 0) return fitting;
  throw known === undefined
    ? unusableKey(chosen[0]!.origin.name, new AppError('ATTEST_KEY', { why: 'another kind of key' }), WANTS)
    : new AppError('ATTEST_MATERIAL', { why: `${known} does not go with the key` });
}

/** Also the names by which JOSE and common scripts call them. */
function algorithmNamed(alg: string): string | undefined {
  const plain = alg.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const aliases: Readonly<Record<string, string>> = {
    es256: 'ECDSA-P256-SHA256',
    ecdsap256: 'ECDSA-P256-SHA256',
    ecdsasha256: 'ECDSA-P256-SHA256',
    es384: 'ECDSA-P384-SHA384',
    ecdsap384: 'ECDSA-P384-SHA384',
    ecdsasha384: 'ECDSA-P384-SHA384',
    eddsa: 'Ed25519',
  };
  const exact = Object.keys(MANIFEST_ALGORITHMS).find(
    (name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '') === plain,
  );
  return exact ?? (Object.hasOwn(aliases, plain) ? aliases[plain] : undefined);
}

/** @throws AppError ATTEST_SIGNATURE, ATTEST_KEY */
async function holds(
  keys: readonly GivenKey[],
  { candidates }: StatedSignature,
  forms: readonly SignedForm[],
): Promise<Held> {
  for (const { key, origin } of keys) {
    for (const { id, bytes } of forms) {
      for (const candidate of candidates) {
        if (await verifySignature(key, bytes, candidate, { raw: true })) return { key, origin, form: id };
      }
    }
  }
  throw new AppError('ATTEST_SIGNATURE');
}

async function checkList(
  record: ManifestRecord,
  input: AttestationInput,
  steps: Steps,
  facts: Record<string, string | number | boolean>,
): Promise<readonly CoveredFile[]> {
  const listed = await steps.run(
    'statement',
    (): readonly StatedFile[] | string => (record.shape === 'digest' ? singleDigest(record) : listedFiles(record)),
    (found) => ({ detail: { files: typeof found === 'string' ? 1 : found.length } }),
  );
  if (listed === null) return [];
  facts['files'] = typeof listed === 'string' ? 1 : listed.length;
  if (typeof listed !== 'string') await checkRoot(record, listed, steps, facts);
  if (steps.failed !== null) return [];
  try {
    const found = await compare(record, listed, input);
    judge(steps, found, input.expect.allowExtra);
    return found;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'ATTEST_NO_BYTES') throw error;
    steps.unchecked('files', error.toData());
    return typeof listed === 'string'
      ? []
      : listed.map(({ path, digest }) => ({ path, state: 'not-checked', expected: digest }));
  }
}

async function checkRoot(
  record: ManifestRecord,
  listed: readonly StatedFile[],
  steps: Steps,
  facts: Record<string, string | number | boolean>,
): Promise<void> {
  const actual = await rootDigest(listed);
  facts['root'] = `sha256:${actual}`;
  const expected = statedRoot(record);
  if (expected === undefined) return;
  await steps.run('root-digest', () => {
    if (expected !== actual) throw new AppError('ATTEST_ROOT_DIGEST', { expected, actual });
  });
}

async function compare(
  { document }: ManifestRecord,
  listed: readonly StatedFile[] | string,
  { path, folder, expect }: AttestationInput,
): Promise<readonly CoveredFile[]> {
  const base = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  const model = { folder, base, ignore: [...expect.ignore, path.slice(base.length)] };
  if (typeof listed !== 'string') return compareListed(listed, model);
  const found = await compareSingle(listed, modelName(document), model);
  return found === null ? [] : [found];
}

function judge(steps: Steps, files: readonly CoveredFile[], allowExtra: boolean): void {
  const count = (state: CoveredFile['state']): number => files.filter((file) => file.state === state).length;
  const [same, changed, missing, extra] = [count('same'), count('changed'), count('missing'), count('extra')];
  const detail = { same, changed, missing, extra, ignored: count('ignored') };
  if (changed + missing > 0 || (extra > 0 && !allowExtra)) steps.contradicts('files', 'ATTEST_FILES', detail);
  else if (same > 0) steps.matches('files', { detail });
  else steps.unchecked('files', { code: 'SOURCE_NOT_FOUND', detail: {} });
}

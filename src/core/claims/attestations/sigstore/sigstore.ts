/** Sigstore bundles over a file (`model.gguf.sigstore.json`) or over an in-toto statement. */
import { sha256Hex } from '../../../crypto/digest.ts';
import { CLAIM_BUNDLE_MAX } from '../../../limits.ts';
import { concluded, type Attestation, type Signer } from '../attestation.ts';
import { checkIdentity } from '../identity.ts';
import type { SignedBill } from '../in-toto/bills.ts';
import { examineStatement, type Facts } from '../in-toto/examine.ts';
import { strictJson, textField } from '../json.ts';
import type { AttestationInput, AttestationKind, Supplied } from '../kind.ts';
import { Steps } from '../steps.ts';
import { certificateFacts } from './certificate-facts.ts';
import { checkSigstore, publicKeysIn } from './check.ts';
import { loadSigstore } from './load.ts';
import type { VerifiedBundle } from './check-bundle.ts';
import type { SignedArtifact } from './content.ts';

export const SIGSTORE: AttestationKind = {
  id: 'sigstore',
  title: 'Sigstore bundles',
  names: /\.(?:sigstore|sigstore\.json|bundle|bundle\.json|sig)$/i,
  recognises: (_, bytes) => bytes.length <= CLAIM_BUNDLE_MAX && isBundle(bytes),
  examine: async (input) => [await examineSigstore(input, 'sigstore')],
};

/** True for anything that says it is a Sigstore bundle, of whatever version. */
export function isBundle(bytes: Uint8Array): boolean {
  try {
    return textField(strictJson(bytes), 'mediaType')?.startsWith('application/vnd.dev.sigstore.bundle') ?? false;
  } catch {
    return false;
  }
}

/** @param kind under which it is reported @throws AppError SOURCE_* */
export async function examineSigstore(input: AttestationInput, kind: string): Promise<Attestation> {
  const steps = new Steps();
  const artifact = signedFile(input);
  const verified = await checkSigstore(
    input,
    steps,
    artifact === null ? {} : { artifact: artifactOf(input, artifact) },
  );
  let inside: SignedBill = { files: [], warnings: [] };
  const facts: Facts = {};
  if (verified !== null) {
    if (verified.payload !== undefined) {
      const { certificate } = verified;
      const named = certificate === undefined ? {} : signerName(verified);
      const confirmed = { ...named, ...certificateFacts(await loadSigstore(), certificate) };
      inside = await examineStatement(verified.payload, confirmed, input, steps, facts);
    } else if (artifact !== null) {
      inside = { files: [{ path: artifact, state: 'same' }], warnings: [] };
      steps.matches('files', { detail: { same: 1 } });
    }
    if (verified.certificate !== undefined) checkIdentity(steps, signerName(verified), input.expect.signers);
    else steps.matches('identity', { detail: { actual: await keyName(verified, input.expect.keys) } });
  }
  const list = steps.list();
  return {
    kind,
    path: input.path,
    outcome: concluded(list),
    steps: list,
    ...(verified === null || steps.failed !== null ? {} : { signer: await signerOf(verified, input.expect.keys) }),
    ...inside,
    facts,
  };
}

/** The file a bundle lies beside, by its name; the only other file; none. */
function signedFile({ path, folder }: AttestationInput): string | null {
  const others = folder.files.map((file) => file.path).filter((other) => other !== path);
  const stem = path.replace(/\.(?:sigstore\.json|sigstore|bundle|json)$/i, '');
  return others.find((other) => other === stem) ?? (others.length === 1 ? others[0]! : null);
}

/** Keys that sign messages whole are for small files; larger ones are refused by their size. */
const MESSAGE_MAX = CLAIM_BUNDLE_MAX;

function artifactOf({ folder }: AttestationInput, path: string): SignedArtifact {
  return { digest: (algorithm) => folder.digest(path, algorithm), bytes: () => folder.read(path, MESSAGE_MAX) };
}

function signerName({ identity, issuer }: VerifiedBundle) {
  return { identity, ...(issuer === undefined ? {} : { issuer }) };
}

/** A bundle's own name for its key is whatever its maker wrote: the person's name for it counts, or its digest. */
async function keyName({ key }: VerifiedBundle, given: readonly Supplied[]): Promise<string> {
  for (const { bytes, origin } of given) {
    for (const spki of publicKeysIn(bytes)) if ((await sha256Hex(spki)) === key) return origin.name;
  }
  return `SHA-256 ${key}`;
}

async function signerOf(verified: VerifiedBundle, keys: readonly Supplied[]): Promise<Signer> {
  const { identity, issuer, key, signedAt, certificate } = verified;
  return {
    method: certificate === undefined ? 'key' : 'sigstore',
    name: certificate === undefined ? await keyName(verified, keys) : identity,
    ...(issuer === undefined ? {} : { issuer }),
    key,
    ...(signedAt === undefined ? {} : { signedAt }),
  };
}

/** Every kind of attestation that is looked for among the files of a model. A kind is one folder or file and one line. */
import type { AttestationKind } from './kind.ts';
import { AICERT } from './aicert/aicert.ts';
import { CHECKPOINT_CHAIN } from './checkpoint-chain/checkpoint-chain.ts';
import { CYCLONEDX } from './cyclonedx/cyclonedx.ts';
import { MINISIGN } from './detached/minisign.ts';
import { OPENPGP } from './detached/openpgp.ts';
import { OPENSSH } from './detached/openssh.ts';
import { RAW } from './detached/raw.ts';
import { SIGNIFY } from './detached/signify.ts';
import { C2PA } from './c2pa/c2pa.ts';
import { DVC } from './dvc/dvc.ts';
import { IN_TOTO } from './in-toto/in-toto.ts';
import { MANIFEST } from './manifest/manifest.ts';
import { MLEM } from './mlem/mlem.ts';
import { OMS } from './oms/oms.ts';
import { SIGSTORE } from './sigstore/sigstore.ts';
import { SPDX } from './spdx/spdx.ts';

/** In the order they are asked: the narrower before the wider, an OMS signature before any bundle, bare signatures last. */
export const ATTESTATION_KINDS: readonly AttestationKind[] = [
  OMS,
  SIGSTORE,
  IN_TOTO,
  AICERT,
  DVC,
  MLEM,
  CHECKPOINT_CHAIN,
  MANIFEST,
  C2PA,
  CYCLONEDX,
  SPDX,
  OPENSSH,
  MINISIGN,
  SIGNIFY,
  OPENPGP,
  RAW,
];

/** True for files that are named as attestations are: they are claims, not part of the model. */
export function isAttestationName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return ATTESTATION_KINDS.some((kind) => kind.names.test(name));
}

/** True for names that are those of attestations and of ordinary files alike: `manifest.json`. */
export function isSharedName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return ATTESTATION_KINDS.some((kind) => kind.sharedNames?.test(name));
}

/** The kind of one file, or null when it is no attestation. */
export function attestationKind(path: string, bytes: Uint8Array): AttestationKind | null {
  return ATTESTATION_KINDS.find((kind) => kind.recognises(path, bytes)) ?? null;
}

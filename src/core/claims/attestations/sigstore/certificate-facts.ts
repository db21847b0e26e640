/** What Fulcio confirms in a certificate besides the name (github.com/sigstore/fulcio, docs/oid-info.md). */
import { derElements } from '../../../crypto/der.ts';
import type { SigstoreEngine } from './load.ts';

export interface CertificateFacts {
  /** Subject alternative name: for builds on GitHub the workflow, `https://github.com/o/r/.github/workflows/w.yml@ref`. */
  readonly identity?: string;
  /** Who vouches for it: `https://token.actions.githubusercontent.com`. */
  readonly issuer?: string;
  /** Source repository of the build: `https://github.com/o/r`. */
  readonly repository?: string;
  /** `github-hosted`, `self-hosted`. */
  readonly runner?: string;
}

const SOURCE_REPOSITORY = '1.3.6.1.4.1.57264.1.12';
const RUNNER = '1.3.6.1.4.1.57264.1.11';
/** The older form: `owner/name` as raw text. */
const GITHUB_REPOSITORY = '1.3.6.1.4.1.57264.1.5';

export function certificateFacts(engine: SigstoreEngine, der: Uint8Array | undefined): CertificateFacts {
  if (der === undefined) return {};
  const certificate = engine.readCertificate(der);
  const value = (oid: string): Uint8Array | undefined => certificate.extension(oid)?.value;
  const old = value(GITHUB_REPOSITORY);
  const repository = text(value(SOURCE_REPOSITORY)) ?? (old && `https://github.com/${new TextDecoder().decode(old)}`);
  const runner = text(value(RUNNER));
  return { ...(repository ? { repository } : {}), ...(runner === undefined ? {} : { runner }) };
}

/** A UTF8String in DER. */
function text(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const [only] = derElements(bytes);
  return only === undefined ? undefined : new TextDecoder().decode(only.value);
}

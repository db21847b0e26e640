/** What Settings asks about the things signatures are checked with: renew, look at, say what is in use. */
import type { HttpTransport } from '../../bytes/transport.ts';
import { NO_EXPECTATIONS, type Expectations } from './kind.ts';
import { keptItem, keptTrust, type KeptItem } from './kept-item.ts';
import { publicRootFacts, readUpdatedRoot, updatePublicRoot, type UpdatedRoot } from './sigstore/public-root.ts';
import type { PublicRootFacts } from './trust-facts.ts';

/** As a device keeps it. */
export interface StoredTrust {
  readonly items: readonly KeptItem[];
  /** An `UpdatedRoot`, or whatever else is found in its place. */
  readonly updated: unknown;
}

export type TrustRequest =
  /** Asks Sigstore's TUF repository; `now` in ISO. */
  | { readonly ask: 'update'; readonly kept: unknown; readonly now: string }
  /** Whether a file can be kept, and as what. */
  | { readonly ask: 'item'; readonly name: string; readonly bytes: Uint8Array; readonly now: string }
  /** Which public-good trust root is in use. */
  | { readonly ask: 'public'; readonly kept: unknown };

interface Answers {
  readonly update: UpdatedRoot;
  readonly item: KeptItem;
  readonly public: PublicRootFacts;
}

export type TrustAnswer<R extends TrustRequest = TrustRequest> = Answers[R['ask']];

/** @throws AppError TRUST_*, ATTEST_TRUST_ROOT, SOURCE_* */
export async function answerTrust(
  request: TrustRequest,
  http: HttpTransport,
  signal: AbortSignal,
): Promise<TrustAnswer> {
  switch (request.ask) {
    case 'update':
      return updatePublicRoot(request, http, signal);
    case 'item':
      return keptItem(request.name, request.bytes, request.now);
    case 'public':
      return publicRootFacts(await readUpdatedRoot(request.kept));
  }
}

/** The expectations of a check with what is stored on the device. */
export async function withStored(
  expect: Expectations | undefined,
  { items, updated }: StoredTrust,
): Promise<Expectations> {
  return { ...(expect ?? NO_EXPECTATIONS), kept: keptTrust(items, await readUpdatedRoot(updated)) };
}

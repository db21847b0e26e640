/** What is said about trust roots and what else is kept to check signatures with. Plain data for screens and terminal. */

/** Sigstore's public-good trust root that is in use. */
export interface PublicRootFacts {
  /** `shipped`: part of this program; `updated`: it came by TUF on `date`. */
  readonly from: 'shipped' | 'updated';
  /** Day of the material, or time of the update. ISO. */
  readonly date: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Version of the list of keys (TUF root) it was found by. */
  readonly rootVersion: number;
}

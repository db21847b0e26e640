/** Addresses of the Attestation screen: `#/attestation/<report>/<place among its attestations>`. */

export interface AttestationPlace {
  /** Of the report. */
  readonly id: string;
  /** Place among the report's attestations, from 0. */
  readonly place: number;
}

const ADDRESS = /^#\/attestation\/([\w-]{1,64})\/(\d{1,6})$/;

export function parseAttestation(hash: string): AttestationPlace | null {
  const found = ADDRESS.exec(hash);
  return found === null ? null : { id: found[1]!, place: Number(found[2]) };
}

export function formatAttestation({ id, place }: AttestationPlace): string {
  return `#/attestation/${id}/${place}`;
}

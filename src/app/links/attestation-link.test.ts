import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAttestation, parseAttestation } from './attestation-link.ts';
import { parseRoute } from './route.ts';

test('an address of the Attestation screen reads back as it was written', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\w-]{1,64}$/), fc.nat(999_999), (id, place) => {
      expect(parseAttestation(formatAttestation({ id, place }))).toEqual({ id, place });
      expect(parseRoute({ hash: formatAttestation({ id, place }), search: '' })).toEqual({
        screen: 'attestation',
        id,
        place,
      });
    }),
  );
});

test('what is no address of the screen is none', () => {
  for (const hash of [
    '#/attestation/',
    '#/attestation/a',
    '#/attestation/a/-1',
    '#/attestation/a/1/2',
    '#/attestation/a/x',
  ])
    expect(parseAttestation(hash)).toBe(null);
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTENTS_VIEWS, formatContents, parseContents } from './contents-link.ts';
import { parseRoute } from './route.ts';

test('an address of the Contents screen reads back as it was written', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[\w-]{1,64}$/),
      fc.constantFrom(...CONTENTS_VIEWS),
      fc.option(fc.nat(20_000)),
      fc.option(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
      (id, view, file, at) => {
        const place = { id, view, file, at };
        expect(parseContents(formatContents(place))).toEqual(place);
        expect(parseRoute({ hash: formatContents(place), search: '' })).toEqual({ screen: 'contents', ...place });
      },
    ),
  );
});

test('a report alone opens its tensors; what is no address of the screen is none', () => {
  expect(parseContents('#/contents/abc')).toEqual({ id: 'abc', view: 'tensors', file: null, at: null });
  for (const hash of ['#/contents/', '#/contents/a/nothing', '#/contents/a/map/x', '#/contents/a/map/1/-4', '#/x'])
    expect(parseContents(hash)).toBeNull();
});

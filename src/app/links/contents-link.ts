/** Addresses inside the Contents screen: `#/contents/<report>/<view>/<file>/<at>`, each part optional from the right. */

export const CONTENTS_VIEWS = ['tensors', 'map', 'metadata', 'texts', 'findings'] as const;
export type ContentsView = (typeof CONTENTS_VIEWS)[number];

export interface ContentsPlace {
  /** Of the report. */
  readonly id: string;
  readonly view: ContentsView;
  /** Place of the file among the report's; null: all of them, or the one that has most to show. */
  readonly file: number | null;
  /** Place of a tensor in its file, or a byte of the map; null: none is chosen. */
  readonly at: number | null;
}

const ADDRESS = /^#\/contents\/([\w-]{1,64})(?:\/([a-z]{1,16})(?:\/(all|\d{1,6})(?:\/(\d{1,16}))?)?)?$/;

export function parseContents(hash: string): ContentsPlace | null {
  const found = ADDRESS.exec(hash);
  if (!found) return null;
  const [, id = '', view = 'tensors', file = 'all', at] = found;
  const known = CONTENTS_VIEWS.find((one) => one === view);
  if (known === undefined) return null;
  const place = at === undefined ? null : Number(at);
  return {
    id,
    view: known,
    file: file === 'all' ? null : Number(file),
    at: place !== null && Number.isSafeInteger(place) ? place : null,
  };
}

export function formatContents({ id, view, file, at }: ContentsPlace): string {
  const whole = `#/contents/${id}/${view}/${file ?? 'all'}`;
  return at === null ? whole : `${whole}/${at}`;
}

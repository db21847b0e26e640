/** The heat map as a picture of its own: SVG text, and a PNG drawn from it. Light colours, as for paper. */
import { clean } from '../../../core/report/words/detail.ts';
import { partName, STATE_MEANING } from '../../text/compare.ts';
import type { CellState, ComponentMap } from './cells.ts';
import { cellSize, GAP, kindsIn, paths, sign, square } from './geometry.ts';
import { RAMP } from './ramp.ts';

/** The light theme of tokens.css. */
const INK = [0x27, 0x57, 0xb6] as const;
const GROUND = [0xf1, 0xf4, 0xf6] as const;
const [TEXT, MUTED, LINE] = ['#191d22', '#555c63', '#d5d8db'];
const FONT = 'system-ui, sans-serif';
const LEFT = 120;
const TOP = 64;
const EDGE = 16;
/** Cells of a picture are this wide where they fit in it. */
const WIDTH = 900;
/** Height of one line of the legend, and about how wide a letter is. */
const LINE_HEIGHT = 22;
const LETTER = 6.4;
/** Browsers refuse canvases with a longer side. */
const PNG_SIDE_MAX = 16_000;

export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

export function heatMapPicture(map: ComponentMap, title: string): Picture {
  const size = cellSize(map.layers.length, WIDTH);
  const across = Math.max(map.layers.length * size, 420);
  const bottom = TOP + map.rows.length * size;
  const legend = legendOf(map, bottom + 20, LEFT + across);
  const width = LEFT + across + EDGE;
  const height = legend.bottom + EDGE;
  const every = Math.max(1, Math.ceil((String(map.layers.at(-1) ?? 0).length * 7 + 5) / size));
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="12">`,
    `<title>${escape(title)}</title>`,
    '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0v5" stroke="#82878c" stroke-width="2"/></pattern></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${EDGE}" y="28" font-size="15" font-weight="600" fill="${TEXT}">${escape(fit(title, width))}</text>`,
    ...map.layers.flatMap((layer, x) =>
      x % every === 0
        ? [
            `<text x="${LEFT + x * size + (size - GAP) / 2}" y="${TOP - 6}" text-anchor="middle" fill="${MUTED}">${layer}</text>`,
          ]
        : [],
    ),
    ...map.rows.map(
      ({ role }, y) =>
        `<text x="${LEFT - 8}" y="${TOP + y * size + size / 2 + 3}" text-anchor="end" fill="${MUTED}">${escape(partName(role).slice(0, 18))}</text>`,
    ),
    `<g transform="translate(${LEFT} ${TOP})">`,
    ...paths(map, size).map(({ kind, squares, signs }) => drawn(kind, squares, signs)),
    '</g>',
    ...legend.parts,
    '</svg>',
  ];
  return { svg: parts.join('\n'), width, height };
}

/** @throws DOMException or Error when the browser cannot draw it */
export async function toPng({ svg, width, height }: Picture): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width, height);
    image.src = url;
    await image.decode();
    const scale = Math.min(2, PNG_SIDE_MAX / Math.max(width, height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

function drawn(kind: string, squares: string, signs: string): string {
  const step = kind.startsWith('shade-') ? RAMP[Number(kind.slice(6))] : null;
  if (step)
    return `<path d="${squares}" fill="${mix(step.ink)}" stroke="${step.ink < 30 ? '#82878c' : 'none'}" stroke-width="0.75"/>`;
  if (kind === 'missing') return `<path d="${squares}" fill="url(#hatch)" stroke="${LINE}"/>`;
  const filled = kind === 'identical';
  return (
    `<path d="${squares}" fill="none" stroke="${LINE}"/>` +
    `<path d="${signs}" fill="${filled ? MUTED : 'none'}" stroke="${filled ? 'none' : MUTED}" stroke-width="1.5"/>`
  );
}

function legendOf(map: ComponentMap, top: number, right: number): { parts: string[]; bottom: number } {
  const kinds = kindsIn(map.rows.flatMap(({ cells }) => cells));
  const entries: { mark: (x: number, y: number) => string; words: string }[] = [];
  const shades = [...kinds].some((kind) => kind.startsWith('shade-'));
  for (const { label, ink } of shades ? RAMP : []) {
    entries.push({
      mark: (x, y) => drawn(`shade-${RAMP.findIndex((step) => step.ink === ink)}`, square(x, y, 14), ''),
      words: label === 'less' ? 'less' : `cosine ≥ ${label}`,
    });
  }
  for (const [state, words] of Object.entries(STATE_MEANING) as [CellState, string][]) {
    if (state === 'differs' || !kinds.has(state)) continue;
    entries.push({ mark: (x, y) => drawn(state, square(x, y, 14), sign(state, x, y, 14)), words });
  }
  const parts: string[] = [];
  let [x, y] = [LEFT, top];
  for (const { mark, words } of entries) {
    const wide = 34 + words.length * LETTER;
    if (x + wide > right && x > LEFT) [x, y] = [LEFT, y + LINE_HEIGHT];
    parts.push(mark(x, y), `<text x="${x + 20}" y="${y + 11}" fill="${MUTED}">${escape(words)}</text>`);
    x += wide;
  }
  return { parts, bottom: y + LINE_HEIGHT };
}

/** Accent over the ground, as `color-mix` would, near enough for a picture. */
function mix(percent: number): string {
  const channel = (i: number): string =>
    Math.round(GROUND[i]! + ((INK[i]! - GROUND[i]!) * percent) / 100)
      .toString(16)
      .padStart(2, '0');
  return `#${channel(0)}${channel(1)}${channel(2)}`;
}

function fit(text: string, width: number): string {
  const most = Math.floor((width - 2 * EDGE) / 8);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Names come from files of strangers: nothing of them may become markup. */
function escape(text: string): string {
  return clean(text, 300).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

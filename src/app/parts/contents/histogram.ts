/** A value histogram as shapes, on screen and as a file of its own. */
import type { ValueHistogram } from '../../../core/scan/look/model.ts';
import { formatCount } from '../../../core/report/words/units.ts';
import { numberText } from './numbers.ts';

export const WIDTH = 640;
export const HEIGHT = 200;

export interface Bar {
  /** Edges of the bin, in values. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** In units of `WIDTH` and `HEIGHT`. */
  readonly x: number;
  readonly width: number;
  readonly height: number;
}

/** Bins from left to right. A bin that holds anything is seen: at least a unit high. */
export function bars({ low, high, counts }: ValueHistogram, logarithmic: boolean): Bar[] {
  const scale = (count: number): number => (logarithmic ? Math.log1p(count) : count);
  const most = Math.max(1, scale(counts.reduce((a, b) => Math.max(a, b), 0)));
  const step = (high - low) / counts.length;
  const width = WIDTH / counts.length;
  return counts.map((count, i) => ({
    low: low + i * step,
    high: i === counts.length - 1 ? high : low + (i + 1) * step,
    count,
    x: i * width,
    width,
    height: count === 0 ? 0 : Math.max(1, (HEIGHT * scale(count)) / most),
  }));
}

/** Where zero stands, in units of `WIDTH`; null when it is outside. */
export function zeroAt({ low, high }: ValueHistogram): number | null {
  return low < 0 && high > 0 ? (WIDTH * -low) / (high - low) : null;
}

/** The histogram as an SVG file: light ground, no style sheet, so that it looks the same everywhere. */
export function histogramSvg(histogram: ValueHistogram, logarithmic: boolean, title: string): string {
  const rects = bars(histogram, logarithmic)
    .filter(({ height }) => height > 0)
    .map(
      ({ x, width, height, low, high, count }) =>
        `<rect x="${(x + 20).toFixed(2)}" y="${(40 + HEIGHT - height).toFixed(2)}" width="${(width - 0.5).toFixed(2)}" height="${height.toFixed(2)}"><title>${numberText(low)} to ${numberText(high)}: ${formatCount(count)}</title></rect>`,
    );
  const zero = zeroAt(histogram);
  const line =
    zero === null
      ? ''
      : `<line x1="${(zero + 20).toFixed(2)}" x2="${(zero + 20).toFixed(2)}" y1="40" y2="${40 + HEIGHT}" stroke="#82878c" stroke-dasharray="3 3"/>`;
  const label = (x: number, anchor: string, text: string): string =>
    `<text x="${x}" y="${60 + HEIGHT}" text-anchor="${anchor}">${escapeXml(text)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + 40} ${HEIGHT + 76}" width="${WIDTH + 40}" height="${HEIGHT + 76}" font-family="system-ui, sans-serif" font-size="12" fill="#191d22">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    `<text x="20" y="24" font-weight="600">${escapeXml(title)}</text>`,
    `<g fill="#2757b6">${rects.join('')}</g>`,
    line,
    `<line x1="20" x2="${WIDTH + 20}" y1="${40 + HEIGHT}" y2="${40 + HEIGHT}" stroke="#82878c"/>`,
    label(20, 'start', numberText(histogram.low)),
    zero === null ? '' : label(zero + 20, 'middle', '0'),
    label(WIDTH + 20, 'end', numberText(histogram.high)),
    `<text x="${WIDTH + 20}" y="24" text-anchor="end" fill="#555c63">${logarithmic ? 'logarithmic counts' : 'counts'}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** Names come from files: nothing of them becomes markup, and characters that XML forbids are replaced. */
function escapeXml(text: string): string {
  return text
    .slice(0, 200)
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

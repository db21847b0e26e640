/** The two plots of a sequence as shapes: lengths of the updates, and distances from the first and to the last checkpoint. */
import type { CheckpointsResult } from '../../../core/report/checkpoints.ts';
import { clean } from '../../../core/report/words/detail.ts';
import { shortNumber } from '../../text/checkpoints.ts';

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** A jump: drawn with a mark above it. */
  readonly marked: boolean;
  readonly title: string;
}

export interface Plot {
  readonly title: string;
  readonly note: string;
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  readonly right: number;
  readonly ticks: readonly Tick[];
  readonly labels: readonly Tick[];
  readonly bars: readonly Bar[];
  /** Points of polylines: `solid` and `dashed`, each with its words. */
  readonly lines: readonly {
    readonly kind: 'solid' | 'dashed';
    readonly points: string;
    readonly dots: readonly (readonly [number, number])[];
    readonly words: string;
    readonly at: readonly [number, number];
  }[];
}

const HEIGHT = 220;
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 16, 16, 36];
/** Lengths that differ by more than this factor are drawn on a logarithmic scale. */
const LOG_FROM = 30;
const DOTS_MAX = 60;

function frame(
  title: string,
  note: string,
  width: number,
): Pick<Plot, 'title' | 'note' | 'width' | 'height' | 'left' | 'right' | 'top' | 'bottom'> {
  return { title, note, width, height: HEIGHT, left: LEFT, right: width - RIGHT, top: TOP, bottom: HEIGHT - BOTTOM };
}

/** Length of each update, as a bar that stands where the update ends. */
export function lengthsPlot({ segments, checkpoints, checks }: CheckpointsResult, width: number): Plot {
  const lengths = segments.map(({ l2 }) => l2);
  const positive = lengths.filter((l) => l > 0);
  const [low, high] = [Math.min(...positive, 1), Math.max(...positive, 0)];
  const least = positive.length > 0 ? Math.min(...positive) : low;
  const log = positive.length > 0 && high / least > LOG_FROM;
  const base = frame('Length of each update', log ? 'L2 distance, logarithmic' : 'L2 distance', width);
  const scale = log ? logScale(least, high, base) : linearScale(high, base);
  const step = (base.right - base.left) / Math.max(1, segments.length);
  const jumps = new Set(checks.find(({ id }) => id === 'jump')?.flags.map(({ detail }) => detail['to']) ?? []);
  const bars = lengths.map((length, i): Bar => {
    const y = length > 0 ? scale.at(length) : base.bottom;
    const to = checkpoints[i + 1]!.name;
    return {
      x: base.left + i * step + Math.min(4, step * 0.15),
      y,
      width: Math.max(1, step - 2 * Math.min(4, step * 0.15)),
      height: Math.max(0, base.bottom - y),
      marked: jumps.has(to),
      title: `${clean(checkpoints[i]!.name, 60)} to ${clean(to, 60)}: ${shortNumber(length)}`,
    };
  });
  const centres = bars.map(({ x, width: own }) => x + own / 2);
  const names = checkpoints.slice(1);
  return { ...base, ticks: scale.ticks, labels: labelsOf(names, centres, step), bars, lines: [] };
}

/** Distance from the first and to the last checkpoint. */
export function distancesPlot({ checkpoints }: CheckpointsResult, width: number): Plot {
  const base = frame('Distance from the first and to the last', 'L2 distance', width);
  const start = checkpoints.map(({ fromStart }) => fromStart ?? 0);
  const end = checkpoints.map(({ toEnd }) => toEnd ?? 0);
  const scale = linearScale(Math.max(...start, ...end, 0), base);
  const step = (base.right - base.left) / Math.max(1, checkpoints.length - 1);
  const xs = checkpoints.map((_, i) => base.left + i * step);
  const line = (
    kind: 'solid' | 'dashed',
    list: readonly number[],
    words: string,
    place: number,
  ): Plot['lines'][number] => {
    const points = list.map((value, i) => [xs[i]!, scale.at(value)] as const);
    const [x, y] = points[place]!;
    return {
      kind,
      points: points.map(([a, b]) => `${round(a)},${round(b)}`).join(' '),
      dots: list.length <= DOTS_MAX ? points : [],
      words,
      at: [x, y],
    };
  };
  const last = checkpoints.length - 1;
  return {
    ...base,
    ticks: scale.ticks,
    labels: labelsOf(checkpoints, xs, step),
    bars: [],
    lines: [line('solid', start, 'from the first', last), line('dashed', end, 'to the last', 0)],
  };
}

interface Scale {
  at(value: number): number;
  readonly ticks: readonly Tick[];
}

function linearScale(high: number, { top, bottom }: Pick<Plot, 'top' | 'bottom'>): Scale {
  const most = high > 0 ? high : 1;
  const at = (value: number): number => bottom - (value / (most * 1.18)) * (bottom - top);
  const step = niceStep(most / 3);
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => ({
    at: at(i * step),
    label: shortNumber(i * step),
  }));
  return { at, ticks };
}

function logScale(low: number, high: number, { top, bottom }: Pick<Plot, 'top' | 'bottom'>): Scale {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const at = (value: number): number => bottom - ((Math.log10(value) - from) / Math.max(1, to - from)) * (bottom - top);
  const every = Math.max(1, Math.ceil((to - from) / 5));
  const ticks: Tick[] = [];
  for (let power = from; power <= to; power += every)
    ticks.push({ at: at(10 ** power), label: shortNumber(10 ** power) });
  return { at, ticks };
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const share = rough / power;
  return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

/** As many names as fit; a step number is shorter than a name. */
function labelsOf(
  rows: readonly { readonly name: string; readonly step: number | null }[],
  xs: readonly number[],
  step: number,
): readonly Tick[] {
  const texts = rows.map(({ name, step: number }) => (number === null ? clean(name, 14) : String(number)));
  const wide = Math.max(...texts.map(({ length }) => length), 1) * 7.5 + 10;
  const every = Math.max(1, Math.ceil(wide / Math.max(1, step)));
  return texts.flatMap((label, i) => (i % every === 0 ? [{ at: xs[i]!, label }] : []));
}

/** The light theme of tokens.css: a picture of its own is read on paper. */
const PAPER = { text: '#191d22', muted: '#555c63', line: '#d5d8db', accent: '#2757b6', caution: '#8a5600' } as const;

/** Both plots below each other, as the text of an SVG file. */
export function sequencePicture(result: CheckpointsResult, title: string): string {
  const width = 900;
  const plots = [lengthsPlot(result, width), distancesPlot(result, width)];
  const head = 48;
  const each = HEIGHT + 36;
  const height = head + plots.length * each;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="28" font-size="15" font-weight="600" fill="${PAPER.text}">${escape(title)}</text>`,
    ...plots.map((plot, i) => `<g transform="translate(0 ${head + i * each})">${drawn(plot)}</g>`),
    '</svg>',
  ].join('\n');
}

function drawn(plot: Plot): string {
  const { left, right, top, bottom } = plot;
  return [
    `<text x="16" y="8" font-weight="600" fill="${PAPER.text}">${escape(plot.title)} <tspan font-weight="400" fill="${PAPER.muted}">${escape(plot.note)}</tspan></text>`,
    ...plot.ticks.map(
      ({ at, label }) =>
        `<path d="M${left} ${round(at)}H${right}" stroke="${PAPER.line}"/><text x="${left - 8}" y="${round(at + 4)}" text-anchor="end" fill="${PAPER.muted}">${escape(label)}</text>`,
    ),
    ...plot.labels.map(
      ({ at, label }) =>
        `<text x="${round(at)}" y="${bottom + 20}" text-anchor="middle" fill="${PAPER.muted}">${escape(label)}</text>`,
    ),
    ...plot.bars.map(
      ({ x, y, width, height, marked, title }) =>
        `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${marked ? PAPER.caution : PAPER.accent}"><title>${escape(title)}</title></rect>`,
    ),
    ...plot.lines.map(
      ({ kind, points, dots, words, at: [x, y] }) =>
        `<polyline points="${points}" fill="none" stroke="${PAPER.accent}" stroke-width="2"${kind === 'dashed' ? ' stroke-dasharray="5 4"' : ''}/>` +
        dots.map(([a, b]) => `<circle cx="${round(a)}" cy="${round(b)}" r="2.5" fill="${PAPER.accent}"/>`).join('') +
        `<text x="${round(Math.min(right, Math.max(left + 6, x)))}" y="${round(Math.max(top + 10, y - 8))}" text-anchor="${x > (left + right) / 2 ? 'end' : 'start'}" fill="${PAPER.text}">${escape(words)}</text>`,
    ),
    `<path d="M${left} ${bottom}H${right}" stroke="${PAPER.muted}"/>`,
  ].join('');
}

/** Names come from files of strangers: nothing of them may become markup. */
function escape(text: string): string {
  return clean(text, 300).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Cells as SVG paths: one path per shade and sign, however many cells there are. Units: pixels of the map. */
import type { Cell, CellState, ComponentMap } from './cells.ts';
import { rampStep } from './ramp.ts';

/** Space between two cells. */
export const GAP = 2;
const SMALLEST = 14;
const LARGEST = 40;

/** All cells of one kind. */
export interface KindPaths {
  /** `shade-0` … `shade-6`, or the state. */
  readonly kind: string;
  readonly squares: string;
  /** What stands in the squares; empty for shades and hatches. */
  readonly signs: string;
}

/** Side of one cell, gap included, so that `columns` fill `width` where they can. */
export function cellSize(columns: number, width: number): number {
  return Math.max(SMALLEST, Math.min(LARGEST, Math.floor(width / Math.max(1, columns))));
}

/** What is drawn, kind by kind. */
export function paths(map: Pick<ComponentMap, 'rows'>, size: number): KindPaths[] {
  const drawn = new Map<string, { squares: string[]; signs: string[] }>();
  map.rows.forEach(({ cells }, y) =>
    cells.forEach((cell, x) => {
      if (!cell) return;
      const kind = kindOf(cell);
      const into = drawn.get(kind) ?? { squares: [], signs: [] };
      drawn.set(kind, into);
      into.squares.push(square(x * size, y * size, size - GAP));
      into.signs.push(sign(cell.state, x * size, y * size, size - GAP));
    }),
  );
  return [...drawn].map(([kind, { squares, signs }]) => ({ kind, squares: squares.join(''), signs: signs.join('') }));
}

/** The kinds that occur, for the legend. */
export function kindsIn(cells: readonly (Cell | null)[]): ReadonlySet<string> {
  return new Set(cells.flatMap((cell) => (cell ? [kindOf(cell)] : [])));
}

export function kindOf(cell: Cell): string {
  return cell.state === 'differs' ? `shade-${rampStep(cell.cosine)}` : cell.state;
}

export function square(x: number, y: number, side: number): string {
  return `M${n(x)} ${n(y)}h${n(side)}v${n(side)}h${n(-side)}z`;
}

/** Told apart by shape alone: disc, ring, cross, dash. @param side of the square it stands in */
export function sign(state: CellState, x: number, y: number, side: number): string {
  const at = (share: number): number => side * share;
  switch (state) {
    case 'identical':
      return circle(x + at(0.5), y + at(0.5), at(0.2));
    case 'same-numbers':
      return circle(x + at(0.5), y + at(0.5), at(0.22));
    case 'other-shape':
      return (
        `M${n(x + at(0.28))} ${n(y + at(0.28))}l${n(at(0.44))} ${n(at(0.44))}` +
        `M${n(x + at(0.72))} ${n(y + at(0.28))}l${n(-at(0.44))} ${n(at(0.44))}`
      );
    case 'not-compared':
      return `M${n(x + at(0.3))} ${n(y + at(0.5))}h${n(at(0.4))}`;
    default:
      return '';
  }
}

function circle(x: number, y: number, radius: number): string {
  const [r, d] = [n(radius), n(2 * radius)];
  return `M${n(x - radius)} ${n(y)}a${r} ${r} 0 1 0 ${d} 0a${r} ${r} 0 1 0 -${d} 0z`;
}

const n = (value: number): string => String(Math.round(value * 100) / 100);

/**
 * The shades of the heat map. Cosines of trained copies crowd just below 1, so the steps are decades of `1 − cosine`:
 * a linear ramp would show rounding, fine-tuning and an edit as one colour.
 */
export interface RampStep {
  /** A cosine of at least this is in the step. */
  readonly from: number;
  readonly label: string;
  /** Accent in the cell's colour, per cent; the rest is the ground. Lightness alone tells the steps apart. */
  readonly ink: number;
}

export const RAMP: readonly RampStep[] = [
  { from: 0.99999, label: '0.99999', ink: 100 },
  { from: 0.9999, label: '0.9999', ink: 82 },
  { from: 0.999, label: '0.999', ink: 65 },
  { from: 0.99, label: '0.99', ink: 49 },
  { from: 0.9, label: '0.9', ink: 34 },
  { from: 0.5, label: '0.5', ink: 20 },
  { from: -Infinity, label: 'less', ink: 8 },
];

/** Index into `RAMP`; an unknown cosine (a side that is all zeros) is the last. */
export function rampStep(cosine: number | null): number {
  const at = RAMP.findIndex(({ from }) => cosine !== null && cosine >= from);
  return at < 0 ? RAMP.length - 1 : at;
}

/**
 * The error function, to 1e-14: its series (Abramowitz & Stegun 7.1.6) up to 3, and 1 − erfc by a continued fraction
 * (7.1.14) beyond.
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  const value = size < 3 ? series(size) : 1 - tail(size);
  return x < 0 ? -value : value;
}

function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200 && term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function tail(x: number): number {
  if (x > 27) return 0;
  let fraction = x;
  for (let k = 60; k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

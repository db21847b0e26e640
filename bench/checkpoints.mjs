/**
 * How often the checks of checkpoint sequences flag honest runs and forgeries, and the statistics that their thresholds
 * (src/core/checkpoints/thresholds.ts) were chosen from. `node bench/checkpoints.mjs [seeds [first seed]]`; 12 seeds take a minute or two.
 */
import { loadTs } from '../scripts/run-ts.mjs';

const { settings, look, train, FORGERIES } = await loadTs('bench/checkpoints/entry.ts');
const seeds = Number(process.argv[2] ?? 12);
const runs = settings(seeds, Number(process.argv[3] ?? 0)).map((setting) => ({ setting, run: train(setting) }));
const share = (n, of) => `${n}/${of}`;
const kindOf = ({ optimizer, schedule, rate, coarse }) =>
  `${optimizer} ${schedule} ${rate}${coarse ? ' bf16 weights' : ''}`;
const quantile = (list, q) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))] ?? NaN;
const n = (x) => Number(x).toPrecision(3);

console.log(
  `${runs.length} honest runs (${seeds} seeds of ${runs.length / seeds} ways of training), 8 to 20 segments, 1,208 weights`,
);
for (const stored of ['F32', 'BF16']) {
  for (const schedule of [true, false]) {
    const found = runs.map(({ setting, run }) => ({ setting, ...look(run, setting, stored, schedule) }));
    const flagged = found.filter(({ flags }) => flags.length > 0);
    console.log(
      `\nhonest, stored ${stored}, ${schedule ? 'with' : 'without'} schedule: ${share(flagged.length, found.length)} runs flagged`,
      count(flagged.flatMap(({ flags }) => [...new Set(flags)])),
    );
    console.log('  not checked:', count(found.flatMap(({ unchecked }) => unchecked)));
    for (const kind of new Set(found.map(({ setting }) => kindOf(setting)))) {
      const own = found.filter(({ setting }) => kindOf(setting) === kind);
      const all = (key) => own.flatMap((one) => one[key]).filter((x) => x !== null);
      console.log(
        `  ${kind.padEnd(28)} S ≤ ${n(Math.max(...all('pathRatio')))}  jump z ≤ ${n(Math.max(0, ...all('jump')))} ×${n(Math.max(...all('factor')))}  growth ≤ ${n(Math.max(...all('growth')))}  cos ${n(Math.min(...all('cosines')))} … ${n(Math.max(...all('cosines')))}` +
          `  most sigmas of a run ≥ ${n(Math.min(...own.map(({ sigmas }) => Math.max(...sigmas))))}  residual/rounding ≥ ${n(Math.min(...all('onLine')))} (${all('onLine').length})  away ≤ ${n(Math.max(...all('away')))}`,
        flaggedOf(own),
      );
    }
  }
}
for (const [name, forge] of Object.entries(FORGERIES)) {
  for (const stored of ['F32', 'BF16']) {
    const found = runs.map(({ setting, run }) => look(forge(run, setting), setting, stored, true));
    const flagged = found.filter(({ flags }) => flags.length > 0);
    console.log(
      `${name}, ${stored}: ${share(flagged.length, found.length)} flagged`,
      count(flagged.flatMap(({ flags }) => [...new Set(flags)])),
      `| S median ${n(
        quantile(
          found.map(({ pathRatio }) => pathRatio),
          0.5,
        ),
      )}, jump z median ${n(
        quantile(
          found.map(({ jump }) => jump ?? 0),
          0.5,
        ),
      )}, least cosine median ${n(
        quantile(
          found.map(({ cosines }) => Math.min(...cosines)),
          0.5,
        ),
      )}`,
    );
  }
}

function flaggedOf(own) {
  const list = own.flatMap(({ flags }) => [...new Set(flags)]);
  return list.length > 0 ? JSON.stringify(count(list)) : '';
}

function count(list) {
  const out = {};
  for (const one of list) out[one] = (out[one] ?? 0) + 1;
  return out;
}

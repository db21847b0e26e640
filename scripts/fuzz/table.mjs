/** The summary: one row for each parser. */
const MiB = 1024 * 1024;

export function newRow(id, seeds) {
  return { id, seeds, inputs: 0, described: 0, refused: 0, seconds: 0, slowest: 0, growth: 0, failures: 0, kept: [] };
}

/** Prints a Markdown table: as it stands in bench/README.md. */
export function printTable(rows, seed) {
  const total = newRow('all', 0);
  for (const row of rows) {
    for (const key of ['seeds', 'inputs', 'described', 'refused', 'seconds', 'failures']) total[key] += row[key];
    for (const key of ['slowest', 'growth']) total[key] = Math.max(total[key], row[key]);
    total.kept.push(...row.kept);
  }
  console.log(`\nSeed ${seed}.\n`);
  console.log(
    '| parser | seeds | inputs | described | refused | seconds | slowest, ms | growth, MiB | failures | kept |',
  );
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const row of [...rows, total]) {
    const { id, seeds, inputs, described, refused, seconds, slowest, growth, failures, kept } = row;
    const cells = [
      seeds,
      inputs,
      described,
      refused,
      seconds.toFixed(1),
      slowest.toFixed(0),
      (growth / MiB).toFixed(1),
    ];
    console.log(`| ${id} | ${[...cells, failures, kept.length].join(' | ')} |`);
  }
}

/** `npm run check`: everything a machine can see without running the product. Each check is one test. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bin, root } from './run.mjs';

const CHECKS = [
  ['types of the core (no DOM, no Node)', [bin('typescript', 'tsc'), '-p', 'tsconfig.core.json']],
  ['types of command line, scripts and tests', [bin('typescript', 'tsc'), '-p', 'tsconfig.node.json']],
  [
    'types of the screens',
    [bin('svelte-check'), '--tsconfig', './tsconfig.app.json', '--fail-on-warnings', '--output', 'human'],
  ],
  [
    'import rules',
    [
      bin('dependency-cruiser', 'depcruise'),
      'src',
      'workers',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
    ],
  ],
  ['linter', [bin('oxlint'), '--quiet', '.']],
  ['formatting', [bin('prettier'), '--check', '--log-level', 'warn', '.']],
  ['no dead code or unused dependency', [bin('knip')]],
  ['file lengths and first-load size', [join(root, 'scripts/budget.mjs')]],
];

/** @returns {{ name: string, ok: boolean }[]} */
export function runChecks(only) {
  const results = [];
  for (const [name, args] of CHECKS) {
    if (only && !name.includes(only)) continue;
    const started = performance.now();
    const done = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, FORCE_COLOR: '0' },
    });
    const ok = done.status === 0;
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    if (!ok) console.log(`${done.stdout}\n${done.stderr}`.trim().split('\n').slice(-80).join('\n'));
    results.push({ name, ok });
  }
  return results;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const failed = runChecks(process.argv[2]).filter((r) => !r.ok).length;
  process.exit(failed === 0 ? 0 : 1);
}

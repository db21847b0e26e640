/**
 * Who may import whom (docs/architecture.md). Each layer of src/core lists the layers it may use;
 * everything not listed is forbidden, so a new edge is a visible change of this file.
 */
const may = {
  bytes: [],
  hash: ['bytes'],
  kernels: [],
  crypto: ['bytes'],
  tensors: ['bytes', 'kernels'],
  content: ['bytes'],
  formats: ['bytes', 'tensors', 'content'],
  signals: ['bytes', 'hash', 'kernels', 'tensors', 'content', 'formats'],
  checkpoints: ['bytes', 'hash', 'tensors', 'formats'],
  hub: ['bytes'],
  claims: ['bytes', 'hash', 'tensors', 'hub', 'crypto', 'formats'],
  db: ['bytes', 'hash', 'formats', 'signals'],
  report: ['bytes', 'hash', 'tensors', 'content', 'formats', 'hub', 'claims', 'db', 'signals', 'checkpoints'],
  scan: [
    'bytes',
    'hash',
    'kernels',
    'tensors',
    'content',
    'formats',
    'hub',
    'claims',
    'db',
    'report',
    'signals',
    'checkpoints',
  ],
};
const tests = '[.](test|suite)[.]ts$';
const layer = (name, allowed) => ({
  name: `core-${name}`,
  comment: `src/core/${name} may import only: errors, limits, progress${allowed.map((a) => `, ${a}`).join('')}`,
  severity: 'error',
  from: { path: `^src/core/${name}/`, pathNot: tests },
  to: {
    path: '^(src|workers)/',
    pathNot: `^src/core/(errors|limits|progress|${[name, ...allowed].map((a) => `${a}/.*`).join('|')})`,
  },
});
module.exports = {
  forbidden: [
    ...Object.entries(may).map(([name, allowed]) => layer(name, allowed)),
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-no-node',
      severity: 'error',
      from: { path: '^(src/core|workers)/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'app-no-parser',
      comment:
        'The page shows; workers read. The app sees worker protocol types, reports, errors, words and hub references.',
      severity: 'error',
      from: { path: '^src/app/', pathNot: tests },
      to: {
        path: '^(src/core|src/cli|workers)/',
        pathNot:
          '^(src/core/(errors|limits|progress|report/|hub/(ref|parse-ref)|claims/(check|outcome|attestations/in-toto/policy)|scan/(empty|totals))|workers/(protocol|wire|shell-protocol|engine[.]worker))',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'scan-only-from-entries',
      severity: 'error',
      from: { pathNot: `^(src/core/scan/|workers/|src/cli/|scripts/|bench/|e2e/)|${tests}` },
      to: { path: '^src/core/scan/', pathNot: '^src/core/scan/(empty|totals)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'node-only-in-cli',
      severity: 'error',
      from: { path: '^src/(app|core)/', pathNot: tests },
      to: { path: '^src/cli/' },
    },
    {
      name: 'cli-no-screens',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/app/', pathNot: '^src/app/text/' },
    },
    {
      name: 'no-orphans-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(virtual:|[$])' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.svelte', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'svelte', 'types', 'default'],
    },
  },
};

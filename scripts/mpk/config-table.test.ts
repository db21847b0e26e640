import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configTable } from './config-table.ts';

const golden = new URL('../../../shared/golden/mpk/config_defaults.json', import.meta.url);
const read = (url: URL): string => readFileSync(url, 'utf8');
const json = <T>(url: URL): T => JSON.parse(read(url)) as T;
const probes = json<Record<string, { flags?: string }>>(new URL('config-probes.json', import.meta.url));

test.runIf(existsSync(golden))(
  'the committed table is what the generator makes of the facts (../shared is there)',
  () => {
    const { configs } = json<{ configs: Parameters<typeof configTable>[0] }>(golden);
    expect(configTable(configs, probes)).toBe(
      read(new URL('../../src/core/signals/mpk/config-table.json', import.meta.url)),
    );
  },
);

test('what follows from what is kept apart from the defaults; a part made otherwise keeps its own', () => {
  const rows = [
    {
      model_type: 'b',
      attributes: { hidden_size: 4, rope_scaling: { x: 1 }, architectures: null },
      attribute_map: { hidden_size: 'n' },
    },
    { model_type: 'c', attributes: { hidden_size: 5 }, backbone: 'text_config', backbone_model_type: 'b' },
  ];
  const made = JSON.parse(
    configTable(rows, { b: { flags: 'k', rope: { x: 1 } }, a: { attributes: { hidden_size: 1 } } }),
  ) as unknown;
  expect(made).toEqual({
    a: { defaults: { hidden_size: 1 } },
    b: { map: { hidden_size: 'n' }, rope: { x: 1 }, flags: 'k', defaults: { hidden_size: 4 } },
    c: { sub: 'text_config', subType: 'b', defaults: { hidden_size: 5 } },
  });
});

/**
 * Makes `src/core/signals/mpk/config-table.json` from two lists of facts about transformers 5.18: `config_defaults.json`
 * of MPK's golden data (what every configuration class holds when a file states its type only) and `config-probes.json`
 * beside this file (what follows from what, found by `probe-config.py`).
 */

type Fields = Readonly<Record<string, unknown>>;

interface Defaults {
  readonly model_type: string;
  readonly attributes: Fields;
  readonly backbone?: string;
  readonly backbone_model_type?: string;
  readonly attribute_map?: Fields;
}

interface Probe {
  readonly flags?: string;
  readonly rope?: unknown;
  readonly sub?: string;
  readonly subType?: string;
  /** Types that the golden list leaves out. */
  readonly attributes?: Fields;
}

/** Not looked at by the fingerprint, or told by the rope parameters. */
const LEFT_OUT: ReadonlySet<string> = new Set(['architectures', 'rope_scaling']);

/** @returns the text of the table, one architecture a line, sorted */
export function configTable(defaults: readonly Defaults[], probes: Readonly<Record<string, Probe>>): string {
  const known = new Map(defaults.map((row) => [row.model_type, row]));
  for (const [type, { attributes }] of Object.entries(probes)) {
    if (attributes !== undefined && !known.has(type)) known.set(type, { model_type: type, attributes });
  }
  const rows = [...known.keys()].sort().map((type) => {
    const row = rowOf(known.get(type)!, probes[type] ?? {}, known);
    return `${JSON.stringify(type)}: ${JSON.stringify(row)}`;
  });
  return `{\n${rows.join(',\n')}\n}\n`;
}

function rowOf(own: Defaults, probe: Probe, known: ReadonlyMap<string, Defaults>): Fields {
  const { backbone, backbone_model_type: inner, attribute_map: map } = own;
  const defaults = fieldsOf(own, probe);
  if (backbone !== undefined) {
    const standard = inner === own.model_type ? undefined : known.get(inner!);
    // A part that the whole architecture makes otherwise than the part's own class would.
    const same = standard !== undefined && JSON.stringify(own.attributes) === JSON.stringify(standard.attributes);
    return { sub: backbone, subType: inner, ...(same ? {} : { defaults: fieldsOf(own, {}) }) };
  }
  return {
    ...(map === undefined ? {} : { map }),
    ...('rope' in probe ? { rope: probe.rope } : {}),
    ...(probe.flags === undefined ? {} : { flags: probe.flags }),
    defaults,
  };
}

function fieldsOf({ attributes }: Defaults, probe: Probe): Fields {
  const out = Object.entries(attributes).filter(
    ([key]) => !LEFT_OUT.has(key) || (key === 'rope_scaling' && !('rope' in probe)),
  );
  return Object.fromEntries(out);
}

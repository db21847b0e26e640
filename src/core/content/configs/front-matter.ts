/** Model cards and YAML: what a loader of YAML would construct, what expands, what a browser would run. */
import type { FindingCollector } from '../collector.ts';

/** Tags of YAML itself (yaml.org/type). */
const STANDARD_TAG = /^!!(?:str|int|float|bool|null|map|seq|set|omap|pairs|binary|timestamp|merge)$/;
/** Model cards are full of HTML for pictures and tables; these run or reach something. */
const ACTIVE_MARKUP =
  /<\s{0,8}(?:script|iframe|object|embed|form|base|meta|applet)\b|<[a-z][^<>]{0,200}\bon[a-z]{3,20}\s{0,4}=/i;
const SCRIPT_ADDRESS = /(?:javascript|vbscript)\s{0,8}:|\bdata:text\/html/i;
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/;
const LINES_MAX = 100_000;

/** A Markdown file with YAML between two lines of `---` at its start. */
export function inspectModelCard(text: string, findings: FindingCollector): void {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/, LINES_MAX);
  let body = lines;
  if (lines[0]?.trim() === '---') {
    const end = lines.findIndex((line, i) => i > 0 && /^(?:---|\.\.\.)\s*$/.test(line));
    if (end < 0) findings.add('bad-yaml', 'caution', { why: 'the front matter does not end' });
    else body = lines.slice(end + 1);
    inspectYaml(lines.slice(1, end < 0 ? lines.length : end).join('\n'), findings);
  }
  const prose = body.join('\n');
  const found = ACTIVE_MARKUP.exec(prose) ?? SCRIPT_ADDRESS.exec(prose) ?? DIRECTION.exec(prose);
  if (found !== null) {
    const kinds = ACTIVE_MARKUP.test(prose)
      ? 'HTML'
      : SCRIPT_ADDRESS.test(prose)
        ? 'script address'
        : 'reordering mark';
    findings.add('injection-text', 'caution', {
      key: 'model card',
      kinds,
      text: prose.slice(found.index, found.index + 100),
    });
  }
}

/** Tags and aliases of a YAML text. Nothing is constructed and nothing expanded. */
export function inspectYaml(text: string, findings: FindingCollector): void {
  const bare = text.split(/\r?\n/, LINES_MAX).map(withoutQuotes).join('\n');
  const tags = new Set<string>();
  for (const [, tag = ''] of bare.matchAll(/(?:^|[\s[{,:-])(!{1,2}[\w/.:-]{1,200}|!<[^>\s]{1,200}>)/gm)) {
    if (STANDARD_TAG.test(tag) || tags.size > 100) continue;
    if (tags.has(tag)) continue;
    tags.add(tag);
    const python = /python|ruby|java|perl|php/i.test(tag);
    findings.add('yaml-tag', python ? 'danger' : 'caution', { tag: tag.slice(0, 200) });
  }
  const anchors = [...bare.matchAll(/(?:^|[\s[{,:-])&([\w-]{1,100})/gm)];
  const aliases = [...bare.matchAll(/(?:^|[\s[{,:-])\*([\w-]{1,100})(?=[\s,\]}]|$)/gm)];
  const names = new Set(anchors.map(([, name]) => name));
  const used = aliases.filter(([, name]) => names.has(name));
  if (used.length > 0) {
    findings.add('yaml-alias', 'caution', { anchors: names.size, aliases: used.length });
  }
}

/** The line without quoted text and comments, which are no syntax. */
function withoutQuotes(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '""').replace(/(^|\s)#.*$/, '$1');
}

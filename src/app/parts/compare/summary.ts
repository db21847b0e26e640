/** A comparison as Markdown, for an issue or a chat. */
import type { ModelComparison } from '../../../core/report/comparison.ts';
import { comparisonWords } from '../../../core/report/words/comparison.ts';
import { clean } from '../../../core/report/words/detail.ts';
import { tally } from '../../text/compare.ts';
import { medianCosine, mpkCautions } from '../../text/compare-mpk.ts';
import { comparisonSignals, SIGNAL_WORDS } from '../../text/compare-signals.ts';
import { dateTime } from '../../text/units.ts';

export function comparisonMarkdown(comparison: ModelComparison): string {
  const { sides, tensors, tool, created } = comparison;
  const { sentence, note } = comparisonWords(comparison);
  const lines = [`**${plain(sentence)}**`, ''];
  if (note) lines.push(plain(note), '');
  for (const [i, { name, repo, commit }] of sides.entries()) {
    const at = repo && commit ? `, \`${code(repo)}@${code(commit)}\`` : '';
    lines.push(`- ${i === 0 ? 'A' : 'B'}: \`${code(name)}\`${at}`);
  }
  if (tensors.length > 0) lines.push('', `${tally(tensors)}.`);
  lines.push('', '| signal | value |', '|---|---|');
  for (const { signal, value, gap } of comparisonSignals(comparison)) {
    const { short, title } = SIGNAL_WORDS[signal];
    lines.push(`| ${title} (${short}) | ${value === null ? `not compared: ${plain(gap)}` : value.toFixed(4)} |`);
  }
  const mpk = comparison.mpk.mpk;
  if (mpk) {
    const { provenance_decision: says, pipeline_score: score } = mpk.scores;
    lines.push('', `Cisco’s Model Provenance Kit would say “${plain(says)}” (${score.toFixed(4)}).`);
    for (const caution of mpkCautions(mpk.scores, mpk.signals, medianCosine(tensors))) lines.push(caution);
  }
  lines.push('', `Compared with Assay ${plain(tool.version)}, ${dateTime(created)}.`);
  return `${lines.join('\n')}\n`;
}

/** Text of unknown origin that must not become markup. */
function plain(text: string): string {
  return clean(text, 1000).replace(/[\\`*_{}[\]<>|#]/g, '\\$&');
}

/** The same inside backticks, where only a backtick and a bar can do anything. */
function code(text: string): string {
  return clean(text, 200).replace(/[`|]/g, '·');
}

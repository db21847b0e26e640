/** Which templates and vocabularies the files of a report hold, as far as names and metadata tell. */
import type { Finding } from '../../../core/content/finding.ts';
import type { MetaEntry, MetaValue } from '../../../core/formats/format.ts';
import type { Report, ReportArtifact } from '../../../core/report/report.ts';
import type { Token, Vocabulary } from '../../../core/scan/look/model.ts';
import type { Remark } from './template-lines.ts';

/** A template that the report itself holds. */
export interface HeldTemplate {
  readonly path: string;
  readonly key: string;
  readonly text: string;
  readonly remarks: readonly Remark[];
}

const TEMPLATE_KEY = /^tokenizer\.chat_template/;
/** Files that may hold templates: they are read to see. */
const TEMPLATE_FILE =
  /(?:^|\/)(?:tokenizer_config|chat_template|processor_config|preprocessor_config)\.json$|\.jinja2?$/i;
const VOCABULARY_FILE =
  /(?:^|\/)(?:tokenizer\.json|vocab\.json|vocab\.txt|(?:tokenizer|spiece|sentencepiece\.bpe)\.model)$/i;

/** Templates inside weight files (GGUF), with the findings about each. */
export function heldTemplates({ artifacts, findings }: Pick<Report, 'artifacts' | 'findings'>): HeldTemplate[] {
  return artifacts.flatMap(({ path, metadata }) =>
    metadata
      .filter(({ key }) => TEMPLATE_KEY.test(key))
      .flatMap(({ key, value }) =>
        textsOf(value).map((text) => ({ path, key, text, remarks: remarksOn(findings, path, key) })),
      ),
  );
}

function textsOf(value: MetaValue): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || !('values' in value)) return [];
  return value.values.filter((one) => typeof one === 'string');
}

function remarksOn(findings: readonly Finding[], path: string, key: string): Remark[] {
  return findings
    .filter((finding) => finding.path === path && finding.detail['key'] === key.slice(0, 200))
    .flatMap(({ code, severity, detail }) => {
      const text = detail['text'];
      if (typeof text !== 'string' || !code.startsWith('template-')) return [];
      return [{ code, severity, text }];
    });
}

/** Paths of files beside the weights that may hold templates. */
export function templateFiles(artifacts: readonly ReportArtifact[]): string[] {
  return artifacts
    .filter(({ path, status }) => TEMPLATE_FILE.test(path) && status !== 'failed')
    .map(({ path }) => path);
}

/** Paths of files with a vocabulary, best first: `tokenizer.json` knows more than the table beside it. */
export function vocabularyFiles(artifacts: readonly ReportArtifact[]): string[] {
  const paths = artifacts
    .filter(
      ({ path, metadata }) => VOCABULARY_FILE.test(path) || metadata.some(({ key }) => key === 'tokenizer.ggml.tokens'),
    )
    .map(({ path }) => path);
  const rank = (path: string): number => (/tokenizer\.json$/i.test(path) ? 0 : /\.model$/i.test(path) ? 1 : 2);
  return paths.sort((a, b) => rank(a) - rank(b));
}

/** What a report alone tells of a GGUF vocabulary: its size, its first tokens, the special ones among them. */
export function vocabularyOfReport(metadata: readonly MetaEntry[]): Vocabulary | null {
  const values = new Map(metadata.map(({ key, value }) => [key, value]));
  const tokens = values.get('tokenizer.ggml.tokens');
  if (typeof tokens !== 'object' || tokens === null || !('values' in tokens)) return null;
  const first = tokens.values.map((text, id): Token => ({ id, text: String(text) }));
  const special = [...values].flatMap(([key, value]): (readonly [string, Token])[] => {
    const [, name] = /^tokenizer\.ggml\.(\w{1,40})_token_id$/.exec(key) ?? [];
    const id = Number(value);
    if (name === undefined || !Number.isSafeInteger(id)) return [];
    return [[name.replaceAll('_', ' '), first[id] ?? { id, text: '' }]];
  });
  const text = (key: string): string | undefined => {
    const value = values.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  const pre = text('tokenizer.ggml.pre');
  return {
    model: text('tokenizer.ggml.model') ?? 'not stated',
    size: tokens.length,
    facts: pre === undefined ? [] : [['Pre-tokenizer', pre]],
    special,
    added: [],
    addedTotal: 0,
    first,
    last: [],
    found: [],
    foundTotal: 0,
  };
}

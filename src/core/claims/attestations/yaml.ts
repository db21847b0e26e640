/** YAML records (DVC, MLEM): the core schema, no tags, few aliases. Loaded with the first record. */
import { AppError } from '../../errors.ts';
import { RECORD_MAX } from '../../limits.ts';

/** Real records use no alias at all; each could copy everything before it. */
const ALIASES_MAX = 10;

/** @throws AppError ATTEST_BUNDLE {why} */
export async function parseYaml(bytes: Uint8Array): Promise<unknown> {
  if (bytes.length > RECORD_MAX) throw new AppError('ATTEST_BUNDLE', { why: 'too large' });
  const { parseDocument } = await import('yaml');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Pretty errors count the lines before each: minutes for a file of a few hundred kilobytes with an error in each word.
    const options = { schema: 'core', uniqueKeys: true, merge: false, stringKeys: true, prettyErrors: false } as const;
    const document = parseDocument(text, options);
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown;
  } catch (error) {
    throw new AppError('ATTEST_BUNDLE', { why: 'not plain YAML' }, error);
  }
}

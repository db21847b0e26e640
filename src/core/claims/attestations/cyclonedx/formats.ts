/** The string formats of CycloneDX's schemas. Whether text is of a format decides ten of the published cases. */
import { fullFormats } from 'ajv-formats/dist/formats.js';

type Test = (text: string) => boolean;

/** What ajv-formats has. Its entries are patterns, functions, or one of both with an order. */
function shipped(name: 'date' | 'date-time' | 'uri'): Test {
  const format = fullFormats[name];
  const test = typeof format === 'object' && 'validate' in format ? format.validate : format;
  if (test instanceof RegExp) return (text) => test.test(text);
  return test as Test;
}

/** Outside of every IRI (RFC 3987 section 2.2): controls, space, and what RFC 3986 calls unwise; or a broken escape. */
// oxlint-disable-next-line no-control-regex
const NOT_IN_IRI = /[\u0000-\u0020\u007f-\u00a0"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})/;

/**
 * Characters only. The standard’s own validators take any text here, for want of an implementation they trust; where
 * brackets and colons may stand is left to them.
 */
const isIriReference: Test = (text) => !NOT_IN_IRI.test(text);

/** RFC 6531 section 3.3: words of the local part and labels of the domain may be in any script. */
// oxlint-disable-next-line no-control-regex
const WORD = /^(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|[^\u0000-\u00a0])+$/;
// oxlint-disable-next-line no-control-regex
const QUOTED = /^"(?:[^\u0000-\u001f\u007f"\\]|\\[\u0020-\u007e])*"$/;
// oxlint-disable-next-line no-control-regex
const LABEL = /^(?:[A-Za-z0-9-]|[^\u0000-\u00a0])+$/;
const LITERAL = /^\[[0-9A-Za-z:.-]+\]$/;

const isIdnEmail: Test = (text) => {
  const at = text.lastIndexOf('@');
  if (at === -1) return false;
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  if (!QUOTED.test(local) && !local.split('.').every((word) => WORD.test(word))) return false;
  return (
    LITERAL.test(domain) ||
    domain.split('.').every((label) => LABEL.test(label) && !label.startsWith('-') && !label.endsWith('-'))
  );
};

/** By the names the schemas use. The build of the validators fails when they use another. */
export const FORMATS: Readonly<Record<string, Test>> = {
  date: shipped('date'),
  'date-time': shipped('date-time'),
  uri: shipped('uri'),
  'iri-reference': isIriReference,
  'idn-email': isIdnEmail,
};

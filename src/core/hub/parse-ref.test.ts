import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { parseHubRef, showHubRef } from './parse-ref.ts';
import type { HubRef } from './ref.ts';
import { pathFault, repoFault, revisionFault } from './repo-path.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';

function refusal(text: string): unknown {
  try {
    return parseHubRef(text);
  } catch (error) {
    return error instanceof AppError && error.code === 'HUB_REFERENCE' ? error.detail['reason'] : error;
  }
}

const GOOD: Record<string, HubRef> = {
  gpt2: { repo: 'gpt2' },
  'org/name': { repo: 'org/name' },
  '  org/name \n': { repo: 'org/name' },
  'org/name@v1.0': { repo: 'org/name', revision: 'v1.0' },
  [`org/name@${SHA}`]: { repo: 'org/name', revision: SHA },
  'org/name@refs/pr/3': { repo: 'org/name', revision: 'refs/pr/3' },
  'org/name@feature%2Fx': { repo: 'org/name', revision: 'feature/x' },
  'hf:org/name@main': { repo: 'org/name', revision: 'main' },
  'HF:Org/Na.me_1-x': { repo: 'Org/Na.me_1-x' },
  'hf://org/name@main/sub/file.txt': { repo: 'org/name', revision: 'main', file: 'sub/file.txt' },
  'https://huggingface.co/org/name': { repo: 'org/name' },
  'https://huggingface.co/org/name/': { repo: 'org/name' },
  'https://huggingface.co/org/name/tree/main': { repo: 'org/name', revision: 'main' },
  'https://huggingface.co/org/name/tree/main/onnx': { repo: 'org/name', revision: 'main', file: 'onnx' },
  'https://huggingface.co/org/name/blob/main/a%20b.json?x=1#L3': {
    repo: 'org/name',
    revision: 'main',
    file: 'a b.json',
  },
  'https://huggingface.co/org/name/resolve/refs%2Fpr%2F1/model.safetensors?download=true': {
    repo: 'org/name',
    revision: 'refs/pr/1',
    file: 'model.safetensors',
  },
  [`https://huggingface.co/org/name/commit/${SHA}`]: { repo: 'org/name', revision: SHA },
  'https://hf.co/gpt2': { repo: 'gpt2' },
  'http://www.huggingface.co/gpt2/blob/main/config.json': { repo: 'gpt2', revision: 'main', file: 'config.json' },
  'huggingface.co/org/name/raw/dev/README.md': { repo: 'org/name', revision: 'dev', file: 'README.md' },
  'HTTPS://HuggingFace.co/org/name': { repo: 'org/name' },
};

const BAD: Record<string, string> = {
  '': 'repository',
  'https://huggingface.co': 'repository',
  'https://huggingface.co/': 'repository',
  'a/b/c': 'repository',
  'org/na me': 'repository',
  'org/-name': 'repository',
  'org/..': 'repository',
  '../..': 'repository',
  'org/name.git': 'repository',
  'org/na--me': 'repository',
  'org\\name': 'repository',
  'org/näme': 'repository',
  'org/name\u0000': 'repository',
  'org/name?x': 'repository',
  'org/<img src=x onerror=alert(1)>': 'repository',
  'constructor/__proto__@': 'revision',
  'org/name@': 'revision',
  'org/name@a..b': 'revision',
  'org/name@-x': 'revision',
  'org/name@a b': 'revision',
  'org/name@a%0Ab': 'revision',
  'org/name@main/../x': 'path',
  'org/name@main/%2e%2e/x': 'path',
  'org/name@main/a%2Fb': 'path',
  'org/name@main//x': 'path',
  'org/name@main/%zz': 'encoding',
  'datasets/org/name': 'dataset',
  'spaces/org': 'space',
  'https://huggingface.co/datasets/org/name': 'dataset',
  'https://huggingface.co/spaces/org/name/tree/main': 'space',
  'hf://datasets/org/name': 'dataset',
  'https://huggingface.co/docs/hub': 'page',
  'https://huggingface.co/api/models/org/name': 'page',
  'https://huggingface.co/org/name/discussions/3': 'page',
  'https://huggingface.co/org/name/resolve/main/../../../other': 'path',
  'https://huggingface.co/org/name/resolve/main/%2e%2e/x': 'path',
  'https://huggingface.co/org/name/resolve/main/a%5Cb': 'path',
  'https://huggingface.co/org/name\\tree/main': 'characters',
  'https://huggingface.co.evil.example/org/name': 'host',
  'https://evil.example/org/name': 'host',
  'https://huggingface.co@evil.example/org/name': 'address',
  'https://user:pw@huggingface.co/org/name': 'address',
  'https://huggingface.co:8443/org/name': 'address',
  'ftp://huggingface.co/org/name': 'scheme',
  'javascript:alert(1)': 'repository',
  'file:///etc/passwd': 'scheme',
};

describe('a reference to a model', () => {
  it.each(Object.entries(GOOD))('is read from %j', (text, expected) => {
    expect(parseHubRef(text)).toEqual(expected);
  });

  it.each(Object.entries(BAD))('is refused in %j because of its %s', (text, reason) => {
    expect(refusal(text)).toBe(reason);
  });

  it('is refused when it is longer than any path', () => {
    expect(refusal(`org/${'a'.repeat(5000)}`)).toBe('length');
    expect(refusal(`org/${'a'.repeat(97)}`)).toBe('repository');
  });

  it('shown as text reads back to the same value', () => {
    for (const ref of Object.values(GOOD)) {
      const again = parseHubRef(showHubRef(ref));
      expect(again).toEqual(ref);
    }
  });

  it('is well-formed or refused with HUB_REFERENCE, whatever the text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'hf:',
        'https://huggingface.co/',
        'org',
        'name',
        '/',
        '@',
        '..',
        '%2e',
        '%2F',
        '\\',
        'main',
        'resolve',
        '?',
        '#',
      ),
      fc.string({ maxLength: 6, unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        let ref: HubRef;
        try {
          ref = parseHubRef(pieces.join(''));
        } catch (error) {
          expect(error instanceof AppError && error.code).toBe('HUB_REFERENCE');
          return;
        }
        expect(repoFault(ref.repo)).toBeNull();
        if (ref.revision !== undefined) expect(revisionFault(ref.revision)).toBeNull();
        if (ref.file !== undefined) expect(pathFault(ref.file)).toBeNull();
        expect(parseHubRef(showHubRef(ref))).toEqual(ref.file === undefined ? ref : { revision: 'main', ...ref });
      }),
      { numRuns: 2000 },
    );
  });
});

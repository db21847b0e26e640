import { describe, expect, it } from 'vitest';
import { SECURITY_POLICY } from './security-policy.ts';
import { allowedByPolicy } from './transport.ts';

describe('allowedByPolicy', () => {
  const allows = allowedByPolicy(SECURITY_POLICY, 'https://site.example');

  it.each([
    'https://site.example/db/manifest.json',
    'https://huggingface.co/api/models/org/name',
    'https://cdn-lfs-us-1.hf.co/repos/x',
    'https://transfer.xethub.hf.co/xorbs/x',
  ])('lets %s be asked', (url) => {
    expect(allows(new URL(url))).toBe(true);
  });

  it.each([
    'http://huggingface.co/',
    'https://huggingface.co:8443/',
    'https://hf.co/',
    'https://evilhf.co/',
    'https://huggingface.co.evil.example/',
    'https://site.example:444/',
    'https://example.org/',
    'data:text/plain,x',
  ])('refuses %s', (url) => {
    expect(allows(new URL(url))).toBe(false);
  });

  it('refuses everything when a policy names nothing to connect to', () => {
    expect(allowedByPolicy("default-src 'none'", 'https://site.example')(new URL('https://site.example/'))).toBe(false);
  });
});

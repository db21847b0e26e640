/** Words for detached signatures (minisign, signify, OpenSSH, OpenSSL, OpenPGP): what of them does not hold or is not at hand. */
import type { ErrorCode } from '../../core/errors.ts';
import { fact, phrase, type CodeWords } from '../../core/report/words/detail.ts';

type DetachedCode = Extract<
  ErrorCode,
  | 'ATTEST_COMMENT'
  | 'ATTEST_NAMESPACE'
  | 'ATTEST_NO_CURRENT_KEY'
  | 'ATTEST_NO_SIGNED_FILE'
  | 'ATTEST_NO_USABLE_KEY'
  | 'ATTEST_NO_VERIFIER'
>;

export const DETACHED_WORDS: Readonly<Record<DetachedCode, CodeWords>> = {
  ATTEST_COMMENT: {
    title: 'The comment in the signature is not the signer’s',
    why: 'The signature over the file holds, but the comment beside it was changed or taken from another signature. It often names the file and the version.',
    next: 'Get the signature again from its publisher.',
  },
  ATTEST_NAMESPACE: {
    title: (d) => `It was signed for another purpose${phrase(d, ['actual'], (n) => `: ${n}`, '')}`,
    why: (d) =>
      `The list of signers you gave lets this key sign for ${fact(d, 'expected') || 'something else'} only. A signature made for one purpose says nothing about another.`,
    next: 'Ask the publisher for a signature made for files.',
  },
  ATTEST_NO_CURRENT_KEY: {
    title: (d) => `The key does not count today${phrase(d, ['name'], (n) => `, by ${n}`, '')}`,
    why: (d) =>
      `The list of signers you gave limits it (${[phrase(d, ['start'], (s) => `from ${s}`, ''), phrase(d, ['end'], (e) => `until ${e}`, '')].filter((part) => part !== '').join(' ') || 'to other days'}), and nobody vouches for when this was signed.`,
    next: 'Ask the publisher for a signature by a key that counts now.',
  },
  ATTEST_NO_SIGNED_FILE: {
    title: (d) => `The file it signs is not here${phrase(d, ['path'], (p) => `: ${p}`, '')}`,
    why: 'Such a signature is over the bytes of one file and does not carry its digest, so without that file nothing can be said.',
    next: 'Open it together with the file it was published for, under the name it was published with.',
  },
  ATTEST_NO_USABLE_KEY: {
    title: (d) => `${fact(d, 'name') || 'What you gave'} is no key for this`,
    why: (d) =>
      `It cannot check this signature${phrase(d, ['why'], (w) => ` (${w})`, '')}. That says nothing about the signature or the files.`,
    next: (d) => `Give ${fact(d, 'wants') || 'the publisher’s public key'}.`,
  },
  ATTEST_NO_VERIFIER: {
    title: (d) => `${fact(d, 'what') || 'This kind of signature'}: not checked by Assay`,
    why: (d) =>
      `It was read to say what it is, and nothing more. Whether it holds is open${phrase(d, ['command'], (c) => `: ${c} checks it, with a key from its publisher`, '')}.`,
    next: 'Check it with the tool it was made for.',
  },
};

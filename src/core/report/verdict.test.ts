import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../claims/check.ts';
import { file, hub, report, sums } from './situation.suite.ts';
import { SITUATIONS } from './situations.suite.ts';

/** The exact words of every situation: outcome, sentence, note. Read aloud before they are changed. */
const EXPECTED: Readonly<Record<string, readonly [outcome: Outcome, sentence: string, note?: string]>> = {
  'a folder equals a repository': [
    'matches',
    'All 4 weight files are byte-identical to org/name at a1b2c3d (digests published by Hugging Face).',
  ],
  'weights and configuration equal a repository': [
    'matches',
    'All 5 files are byte-identical to org/name at a1b2c3d (digests published by Hugging Face).',
  ],
  'one file equals that of a repository': [
    'matches',
    'model.safetensors is byte-identical to the file of org/name at a1b2c3d (digest published by Hugging Face).',
  ],
  'one file equals a file of a repository under another name': [
    'matches',
    'x.safetensors is byte-identical to model.safetensors of org/name at a1b2c3d (digest published by Hugging Face).',
  ],
  'files read from the Hub have its digests': [
    'matches',
    'All 4 weight files have the digests that Hugging Face publishes for org/name at a1b2c3d.',
    'Digests and files come from the same host: this shows an undamaged transfer, not who made the files.',
  ],
  'one file read from the Hub has its digest': [
    'matches',
    'model.safetensors has the digest that Hugging Face publishes for org/name at a1b2c3d.',
    'Digests and files come from the same host: this shows an undamaged transfer, not who made the files.',
  ],
  'files match a list that came with them': [
    'matches',
    'All 4 weight files have the digests that SHA256SUMS lists.',
    'SHA256SUMS lies beside the files: this shows that they arrived whole, not who made them.',
  ],
  'one file matches a list that came with it': [
    'matches',
    'model.safetensors has the SHA-256 that SHA256SUMS lists.',
    'SHA256SUMS lies beside the files: this shows that they arrived whole, not who made them.',
  ],
  'files match a list that a person gave': ['matches', 'Both weight files have the digests that SHA256SUMS lists.'],
  'files match a list that names more than is here': [
    'matches',
    'Both weight files have the digests that SHA256SUMS lists.',
    'SHA256SUMS lies beside the files: this shows that they arrived whole, not who made them. 1 listed file is not here.',
  ],
  'one file has the pasted digest': ['matches', 'model.safetensors matches the digest you pasted (SHA-256).'],
  'one file has a pasted digest that names no algorithm': [
    'matches',
    'model.safetensors matches the digest you pasted (SHA-256).',
  ],
  'one file has a weak pasted digest': [
    'matches',
    'model.safetensors matches the digest you pasted (MD5).',
    'MD5 finds damage, not deliberate change.',
  ],
  'one file does not have a pasted digest that names no algorithm': [
    'contradicts',
    'model.safetensors does not match the digest you pasted (SHA-256).',
    'The digest names no algorithm and was taken for SHA-256 by its length; it could be BLAKE3 or BLAKE2s. Download the file again, and compare once more. If it differs again, do not use it.',
  ],
  'no file has the pasted digest': [
    'contradicts',
    'None of the 3 files here matches the digest you pasted (SHA-256).',
    'Do not use the file before you know where the difference comes from.',
  ],
  'the repository is named before the list': [
    'matches',
    'Both weight files are byte-identical to org/name at a1b2c3d (digests published by Hugging Face).',
  ],
  'a list matches and the repository could not be asked': [
    'could-not-check',
    'Both weight files have the digests that SHA256SUMS lists; nothing was compared with org/name on Hugging Face: you are offline.',
    'SHA256SUMS lies beside the files: this shows that they arrived whole, not who made them.',
  ],
  'the repository could not be asked': [
    'could-not-check',
    'Nothing was compared with org/name on Hugging Face: you are offline.',
  ],
  'the repository could not be asked, the database knows the bytes': [
    'could-not-check',
    'Nothing was compared with org/name on Hugging Face: you are offline.',
    'These bytes were published as model.Q4_K_M.gguf in org/name on Hugging Face at a1b2c3d.',
  ],
  'a list leaves one file out': [
    'no-claim',
    '3 of 4 weight files have the digests that SHA256SUMS lists; nothing states what model-00004-of-00004.safetensors should be.',
    'SHA256SUMS lies beside the files: this shows that they arrived whole, not who made them.',
  ],
  'a file is not part of the repository': [
    'no-claim',
    '2 of 3 weight files are byte-identical to org/name at a1b2c3d (digests published by Hugging Face); extra.safetensors is not part of it.',
  ],
  'each file is stated by another': [
    'matches',
    'Both weight files match what is stated about them, by SHA256SUMS and the digest you pasted.',
  ],
  'only the configuration is listed': [
    'no-claim',
    'config.json matches SHA256SUMS; the weights were compared with nothing.',
    'SHA256SUMS lies beside the files: this shows that they arrived whole, not who made them.',
  ],
  'tensors match and the file was not compared': [
    'matches',
    'The tensors of m.gguf have the digests that m.gguf.manifest lists; metadata and header were not compared.',
    'm.gguf.manifest lies beside the files: this shows that the tensors arrived whole, not who made them.',
  ],
  'one tensor differs': [
    'contradicts',
    'Tensor b of m.gguf does not have the SHA-256 that m.gguf.manifest lists.',
    'Do not use the file before you know where the difference comes from.',
  ],
  'one shard differs at the same size': [
    'contradicts',
    'model-00001-of-00004.safetensors does not have the SHA-256 that Hugging Face publishes for org/name at a1b2c3d.',
    'It has the stated size, so bytes inside it differ: damage on the way, or a change. Download the file again, and compare once more. If it differs again, do not use it. 3 other files match.',
  ],
  'one shard is shorter than published': [
    'contradicts',
    'model-00001-of-00004.safetensors does not have the SHA-256 that Hugging Face publishes for org/name at a1b2c3d.',
    'It is 1 byte shorter than stated: the download is incomplete, or this is another version. Download the file again, and compare once more. 3 other files match.',
  ],
  'three shards are not those of the repository': [
    'contradicts',
    '3 of 4 weight files are not those of org/name at a1b2c3d (digests published by Hugging Face).',
    'Download them again, and compare once more. If they differ again, do not use them. 1 other file matches.',
  ],
  'three shards are not those of the list': [
    'contradicts',
    '3 of 4 weight files do not have the digests that SHA256SUMS lists.',
    'Download them again, and compare once more. If they differ again, do not use them. 1 other file matches.',
  ],
  'a file equals an older commit': [
    'contradicts',
    'model.safetensors is not the file of org/name at a1b2c3d; it equals the one of commit 9f8e7d6 of 3 May 2026.',
    'Compare with 9f8e7d6, or get the current file.',
  ],
  'a file equals no commit that was looked at': [
    'contradicts',
    'model.safetensors does not have the SHA-256 that Hugging Face publishes for org/name at a1b2c3d.',
    'It has the stated size, so bytes inside it differ: damage on the way, or a change. None of the last 12 commits there has these bytes. Download the file again, and compare once more. If it differs again, do not use it.',
  ],
  'a file is nowhere in the repository': [
    'contradicts',
    'mine.safetensors is none of the 4 files of org/name at a1b2c3d: neither its name nor its SHA-256 is there.',
    'Do not use the file before you know where the difference comes from.',
  ],
  'two files changed places': [
    'contradicts',
    'Neither weight file has the digest that SHA256SUMS lists.',
    'They have each other’s bytes: they may have changed places. Give each file its own name, and compare once more.',
  ],
  'a download broke off': [
    'contradicts',
    'm.gguf ends 412.0 MB before its header says, and blk.27.ffn_up.weight is the first tensor that is cut.',
    'Download the file again, and compare its SHA-256 with the published one.',
  ],
  'a download broke off and a list says so too': [
    'contradicts',
    'm.gguf ends 412.0 MB before its header says, and blk.27.ffn_up.weight is the first tensor that is cut.',
    'It also does not have the digest that SHA256SUMS lists. Download the file again, and compare its SHA-256 with the published one.',
  ],
  'a Git LFS pointer lies in place of weights': [
    'contradicts',
    'model.safetensors is a Git LFS pointer (1 byte), not weights.',
    'The repository stores a short note in place of the file; the real one has 4.9 GB and SHA-256 50e721e49c013f00…. Run “git lfs pull” in the repository, or enter its name (org/name) on the first screen.',
  ],
  'every shard is a Git LFS pointer': [
    'contradicts',
    'None of the 3 weight files holds weights: model-00001-of-00003.safetensors is a Git LFS pointer (2 bytes).',
    'Run “git lfs pull” in the repository, or enter its name (org/name) on the first screen.',
  ],
  'a file goes on after its end': [
    'contradicts',
    'm.gguf goes on for 12 bytes after its header says that it ends.',
    'Download the file again, and compare its SHA-256 with the published one.',
  ],
  'a header cannot be read': [
    'could-not-check',
    'The contents of m.gguf could not be read: it breaks the rules of its format. Nothing states what its bytes should be.',
    'Compare the SHA-256 with the one its publisher states, or name the repository it comes from.',
  ],
  'a header cannot be read and the bytes are the published ones': [
    'matches',
    'm.gguf is byte-identical to the file of org/name at a1b2c3d (digest published by Hugging Face).',
    'The contents of m.gguf could not be read: it has a version of its format that is not known here.',
  ],
  'the person stopped in the middle': [
    'could-not-check',
    'You stopped after 1 of 4 weight files. What was read matches what SHA256SUMS states.',
  ],
  'the person stopped at once': ['could-not-check', 'You stopped before any weight file was read to its end.'],
  'one file changed while it was read': [
    'could-not-check',
    '1 of 2 weight files has the SHA-256 that SHA256SUMS lists; b.safetensors could not be read: it changed while it was read.',
    'SHA256SUMS lies beside the files: this shows that they arrived whole, not who made them.',
  ],
  'nothing could be read': ['could-not-check', 'b.safetensors could not be read: the system refused to read it.'],
  'only headers of two shards were read': [
    'could-not-check',
    'Only headers were read (128 B of 4 B): both weight files end where their headers say. Not a byte of the weights was compared.',
  ],
  'only the header of one file was read': [
    'could-not-check',
    'Only headers were read (64 B of 1.0 kB): m.gguf ends where its header says. Not a byte of the weights was compared.',
  ],
  'only the database knows the bytes': [
    'matches',
    'These bytes were published as model.Q4_K_M.gguf in org/name on Hugging Face at a1b2c3d.',
    'The digest was read at a fixed commit (mudler/LocalAI). That tells which bytes these are, not who made them.',
  ],
  'only a list knows the bytes, and the name has moved': [
    'matches',
    'These bytes were published as model.Q4_K_M.gguf in org/name on Hugging Face.',
    'The digest stands in a list (mudler/LocalAI). The same name has had other bytes as well. The entry is old. That tells which bytes these are, not who made them.',
  ],
  'only a disputed row knows the bytes': [
    'no-claim',
    'One list names these bytes as model.Q4_K_M.gguf in org/name on Hugging Face at a1b2c3d, and a better source contradicts it.',
    'That tells which bytes these are, not who made them.',
  ],
  'the database knows one of three shards': [
    'no-claim',
    'The bytes of 1 of 3 weight files were published before: model-00001-of-00003.safetensors as model.Q4_K_M.gguf in org/name on Hugging Face at a1b2c3d.',
    'The digest was read at a fixed commit (mudler/LocalAI). That tells which bytes these are, not who made them.',
  ],
  'the database knows all shards, from one place': [
    'matches',
    'The bytes of both weight files were published before, in org/name on Hugging Face.',
    'The digest was read at a fixed commit (mudler/LocalAI). That tells which bytes these are, not who made them.',
  ],
  'nobody states anything': [
    'no-claim',
    'model.safetensors is complete, and nothing states what its bytes should be.',
    'Compare the SHA-256 with the one its publisher states, or name the repository it comes from.',
  ],
  'nobody states anything and the container is unknown': [
    'no-claim',
    'Nothing states what these bytes should be, so they were compared with nothing.',
    'Compare the SHA-256 with the one its publisher states, or name the repository it comes from.',
  ],
  'published bytes hold something that would run': [
    'matches',
    'm.gguf is byte-identical to the file of org/name at a1b2c3d (digest published by Hugging Face).',
    'Look at the contents first: 1 thing inside could run or reach something when the model is loaded.',
  ],
  'a pickle would import names that nobody knows': [
    'matches',
    'm.pt is byte-identical to the file of org/name at a1b2c3d (digest published by Hugging Face).',
    'Look at the contents first: loading it would import 2 names that nobody here knows.',
  ],
  'a pickle would import names of every class': [
    'matches',
    'm.pt is byte-identical to the file of org/name at a1b2c3d (digest published by Hugging Face).',
    'Look at the contents first: 1 thing inside could run or reach something when the model is loaded, and loading it would import 1 name that nobody here knows.',
  ],
  'there is no file': ['no-claim', 'There is no model file here.'],
};

describe('the verdict, word for word, when', () => {
  it.each(SITUATIONS)('%s', (fact, files, given) => {
    const [outcome, sentence, note] = EXPECTED[fact]!;
    expect(report(files, given).verdict).toEqual({ outcome, sentence, ...(note === undefined ? {} : { note }) });
  });
  it('every situation has its words, and no words are left over', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(SITUATIONS.map(([fact]) => fact).sort());
  });
});

describe('whatever the situation', () => {
  const all = SITUATIONS.map(([, files, given]) => report(files, given));
  it('nothing says safe, trusted, secure, clean, genuine or a percentage', () => {
    for (const { verdict, axes } of all) {
      const lines = Object.values(axes).map((axis) => axis.line);
      const words = [verdict.sentence, verdict.note ?? '', ...lines].join(' ');
      expect(words).not.toMatch(/\b(?:safe|trust(?:ed|worthy)?|secure|clean|genuine|authentic|malicious|virus)\b|%/i);
    }
  });
  it('sentences begin with a capital or a file name, end with a full stop, and hold no gaps', () => {
    for (const { verdict } of all) {
      for (const words of [verdict.sentence, verdict.note ?? 'None.']) {
        expect(words).toMatch(/\.$/);
        expect(words).not.toMatch(/ {2}|undefined|null|NaN|\[object|\.\.$|: \.| ,/);
      }
    }
  });
  it('one contradiction beats any number of matches', () => {
    const shards = Array.from({ length: 40 }, (_, i) => file(`${i}.safetensors`, `w${i}`));
    const stated = Object.fromEntries(shards.map((f, i) => [f.path, `w${i}`]));
    const spoilt = shards.map((f, i) => (i === 39 ? file(f.path, 'other') : f));
    expect(report(shards, { claims: [sums(stated)] }).verdict.outcome).toBe('matches');
    const { verdict, axes } = report(spoilt, { claims: [sums(stated), hub(stated)] });
    expect([verdict.outcome, axes.bytes.outcome]).toEqual(['contradicts', 'contradicts']);
    expect(verdict.sentence).toContain('39.safetensors');
  });
  it('names out of files cannot break the line, reorder it or fill the screen', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map((text) => `${text}.safetensors`);
    fc.assert(
      fc.property(name, fc.constantFrom('same', 'other'), (path, text) => {
        const { verdict, axes } = report([file(path, 'same')], { claims: [sums({ [path]: text })] });
        for (const words of [verdict.sentence, verdict.note ?? '', axes.bytes.line]) {
          // oxlint-disable-next-line no-control-regex
          expect(words).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]/);
          expect(words.length).toBeLessThan(1000);
        }
        expect(verdict.outcome).toBe(text === 'same' ? 'matches' : 'contradicts');
      }),
      { numRuns: 200 },
    );
  });
  it('is the same for the same report', () => {
    for (const [, files, given] of SITUATIONS) expect(report(files, given)).toEqual(report(files, given));
  });
});

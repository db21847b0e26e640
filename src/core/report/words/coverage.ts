/** Covered or not, in words: one line for a file, one sentence for the model. */
import { countedFiles, type CoverStanding, type Coverage, type FileCover } from '../covered.ts';
import { clean } from './detail.ts';
import { allOf, capital, formatCount, plural } from './units.ts';

/** Names in the sentence; the rest is counted. */
const NAMES = 3;
const NAME_LONGEST = 80;

/** Lists of digests alone are told where files are compared with them; this is about signatures and records. */
function isTold({ speakers }: Coverage): boolean {
  return speakers.some(({ attestation }) => attestation !== undefined);
}

/** `covered by 2 · release@example.org`; null where there is no signature or record. */
export function fileCoverWords({ by, standing }: FileCover, coverage: Coverage): string | null {
  if (!isTold(coverage)) return null;
  const { speakers } = coverage;
  const heard = by
    .map(({ speaker, said }) => ({ ...speakers[speaker]!, said }))
    .filter((one) => one.weight !== 'broken');
  const same = heard.filter(({ said }) => said === 'same');
  const covered = `covered by ${formatCount(same.length)}`;
  switch (standing) {
    case 'differs':
      return `differs from ${heard
        .filter(({ said }) => said === 'changed')
        .map(({ name }) => fileName(name))
        .slice(0, NAMES)
        .join(', ')}`;
    case 'established': {
      const signers = same.flatMap(({ weight, signer }) =>
        weight === 'established' && signer !== undefined ? [signer] : [],
      );
      return `${covered} · ${[...new Set(signers)].map(short).slice(0, NAMES).join(', ')}`;
    }
    case 'signed':
      return `${covered} · signer not established`;
    case 'recorded':
      return `${covered} · ${same.length === 1 ? fileName(same[0]!.name) : 'unsigned'}`;
    case 'unchecked':
      return 'named, not compared';
    case 'described':
      return 'described without a digest';
    case 'none':
      return 'not covered by any statement';
  }
}

/**
 * `2 of 3 weight files are covered by a signature whose signer is established; no statement covers c.gguf.`; null where
 * there is no signature or record.
 */
export function coverageSentence(coverage: Coverage): string | null {
  if (!isTold(coverage)) return null;
  const files = countedFiles(coverage);
  if (files.length === 0) return null;
  const noun = files.some(({ role }) => role === 'weights') ? 'weight file' : 'file';
  const [only] = files;
  if (only !== undefined && files.length === 1) return ALONE[only.standing](noun);
  const of = (standing: CoverStanding): readonly FileCover[] => files.filter((file) => file.standing === standing);
  const count = (standing: CoverStanding, words: string): string => {
    const n = of(standing).length;
    return n === 0 ? '' : `${formatCount(n)} ${words}`;
  };
  const established = of('established').length;
  const none = of('none').map(({ path }) => path);
  const parts = [
    `${signedWords(established, files.length, noun)} covered by a signature whose signer is established`,
    count('signed', 'by one whose signer is not'),
    count('recorded', `by ${of('recorded').length === 1 ? 'an unsigned record' : 'unsigned records'} only`),
    count('unchecked', 'named and not compared'),
    count('described', 'described without a digest'),
    of('differs').length === 0
      ? ''
      : `${list(of('differs').map(({ path }) => path))} ${of('differs').length === 1 ? 'differs' : 'differ'} from what is stated`,
    none.length === 0 ? '' : `no statement covers ${list(none)}`,
  ];
  return `${parts.filter((part) => part !== '').join('; ')}.`;
}

const ALONE: Readonly<Record<CoverStanding, (noun: string) => string>> = {
  differs: (noun) => `The ${noun} differs from what is stated of it.`,
  established: (noun) => `The ${noun} is covered by a signature whose signer is established.`,
  signed: (noun) => `The ${noun} is covered by a signature whose signer is not established.`,
  recorded: (noun) => `The ${noun} is covered by an unsigned record only.`,
  unchecked: (noun) => `The ${noun} is named by a statement and was not compared.`,
  described: (noun) => `The ${noun} is described without a digest.`,
  none: (noun) => `No statement covers the ${noun}.`,
};

function signedWords(n: number, all: number, noun: string): string {
  if (n === 0) return `None of the ${plural(all, noun)} is`;
  if (n === all) return `${capital(allOf(all, noun))} are`;
  return `${formatCount(n)} of ${plural(all, noun)} ${n === 1 ? 'is' : 'are'}`;
}

function list(paths: readonly string[]): string {
  const names = paths.slice(0, NAMES).map(short).join(', ');
  return paths.length > NAMES ? `${names} and ${formatCount(paths.length - NAMES)} more` : names;
}

/** Lines in tables are narrow; the folder is that of the file, as a rule. */
function fileName(path: string): string {
  return short(path.slice(path.lastIndexOf('/') + 1));
}

function short(name: string): string {
  return clean(name, NAME_LONGEST);
}

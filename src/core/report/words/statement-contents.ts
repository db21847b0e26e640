/** Statements about what a file says of itself: its container, its header, the files of one model among each other. */
import type { CheckKind } from '../../claims/kinds.ts';
import { clean, fact } from './detail.ts';
import { because } from './reasons.ts';
import type { StatementMaker } from './statement.ts';
import { count, subjectOf, text } from './sources.ts';
import { formatBytes, formatCount, plural } from './units.ts';

const AGAIN = 'Download the file again, and compare its SHA-256 with the published one.';

export const CONTENT_STATEMENTS: Readonly<
  Record<Extract<CheckKind, 'container-bounds' | 'container' | 'set' | 'config-shapes'>, StatementMaker>
> = {
  'container-bounds': (check) => {
    const file = subjectOf(check);
    if (check.outcome === 'matches') {
      const tensors = count(check, 'tensors');
      const inside = tensors === 1 ? 'its one tensor' : `all ${formatCount(tensors)} tensors`;
      return {
        text:
          tensors === 0
            ? `${file} ends where its header says.`
            : `${file} ends where its header says, with ${inside} inside.`,
      };
    }
    const missing = count(check, 'missing');
    if (missing > 0) {
      const tensor = text(check, 'tensor');
      const lost = tensor === '' ? '' : `, and ${tensor} is the first tensor that is cut`;
      const short = missing < 1000 ? plural(missing, 'byte') : formatBytes(missing);
      return { text: `${file} ends ${short} before its header says${lost}.`, next: AGAIN };
    }
    const extra = count(check, 'extra');
    if (extra > 0) {
      const long = extra < 1000 ? plural(extra, 'byte') : formatBytes(extra);
      return { text: `${file} goes on for ${long} after its header says that it ends.`, next: AGAIN };
    }
    const tensor = text(check, 'tensor');
    return { text: `${file} disagrees with its own header${tensor === '' ? '' : ` about ${tensor}`}.`, next: AGAIN };
  },

  container: (check) => {
    const tensors = count(check, 'tensors');
    if (check.outcome === 'matches')
      return { text: `The header of ${subjectOf(check)} was read: ${plural(tensors, 'tensor')}.` };
    const why = check.reason === undefined ? '' : `: ${because(check.reason)}`;
    return { text: `The contents of ${subjectOf(check)} could not be read${why}.` };
  },

  set: (check) => {
    const { outcome, reason, path } = check;
    const name = clean(path ?? 'the model');
    if (outcome === 'matches') {
      const parts = count(check, 'components');
      if (parts > 0)
        return { text: `All ${plural(parts, 'part')} that ${name} names ${parts === 1 ? 'is' : 'are'} here.` };
      const files = count(check, 'files');
      if (check.detail?.['numbered'] === true)
        return { text: `${name} is one of ${formatCount(files)} numbered parts; all of them are here.` };
      if (files === 1) return { text: `The one file that ${name} speaks of is here, and the two fit together.` };
      return { text: `All ${plural(files, 'file')} that ${name} speaks of are here, and they fit together.` };
    }
    if (reason?.code === 'FORMAT_MISSING_FILE') {
      const file = fact(reason.detail, 'file') || 'A file';
      if (outcome === 'no-claim') return { text: `${file} belongs to the same model and is not here.` };
      return {
        text: `${file} is not here, and the model needs it (${name} says so).`,
        next: `Get ${file} from the same place.`,
      };
    }
    if (reason?.code === 'FORMAT_MISSING_TENSOR') {
      const file = fact(reason.detail, 'file') || 'its file';
      const tensor = fact(reason.detail, 'tensor') || 'a tensor';
      return { text: `${name} says that ${tensor} is in ${file}, which does not have it.`, next: AGAIN };
    }
    if (reason?.code === 'FORMAT_BOUNDS' || reason?.code === 'FORMAT_SIZE_MISMATCH') {
      const file = fact(reason.detail, 'path') || 'another file';
      const tensor = fact(reason.detail, 'tensor') || 'a tensor';
      const why =
        reason.code === 'FORMAT_BOUNDS'
          ? 'which ends before that place'
          : 'with another number of bytes than its shape asks for';
      return { text: `${name} says that ${tensor} is in ${file}, ${why}.`, next: AGAIN };
    }
    return { text: `${name} cannot be used${reason === undefined ? '' : `: ${because(reason)}`}.` };
  },

  'config-shapes': (check) => {
    const sizes = text(check, 'sizes')
      .split(', ')
      .map((key) => SIZES[key] ?? key);
    const listed = sizes.length > 1 ? `${sizes.slice(0, -1).join(', ')} and ${sizes.at(-1)}` : sizes.join('');
    return { text: `The tensors have the ${listed} that ${subjectOf(check)} states.` };
  },
};

/** Keys of `config.json` in words. */
const SIZES: Readonly<Record<string, string>> = {
  vocab_size: 'vocabulary',
  hidden_size: 'width',
  num_hidden_layers: 'number of layers',
  r: 'rank',
};

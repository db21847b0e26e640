import type { Format } from './format.ts';
import { looksLikePickle } from './looks-like-pickle.ts';
import { openPickleFile } from './pickle-file.ts';

/** A bare pickle, protocols 0 to 5. The last format that is tried: it has no magic. */
export const pickle: Format = {
  id: 'pickle',
  title: 'Python pickle',
  extensions: ['.pkl', '.pickle', '.joblib', '.dill'],
  match: (head, { name, size }) => looksLikePickle(head, name, size),
  open: openPickleFile,
};

import type { Format } from './format.ts';
import { looksLikePickle } from './looks-like-pickle.ts';
import { openPickleFile } from './pickle-file.ts';
import { headMentions } from './zip/head.ts';

/** The magic number as LONG1 writes it: ten bytes, little-endian (`torch/serialization.py`, MAGIC_NUMBER). */
const MAGIC = '\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19';

/** `torch.save` before 1.6: five pickles, then raw storages. */
export const pytorchLegacy: Format = {
  id: 'pytorch-legacy',
  title: 'PyTorch (legacy)',
  extensions: ['.pt', '.pth', '.bin'],
  match: (head, { name, size }) => headMentions(head.subarray(0, 64), MAGIC) && looksLikePickle(head, name, size),
  open: openPickleFile,
};

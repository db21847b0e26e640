import type { Format } from './format.ts';
import { openPickleFile } from './pickle-file.ts';
import { looksLikeLegacy } from './torch/magic.ts';

/** `torch.save` before 1.6: five pickles, then raw storages. */
export const pytorchLegacy: Format = {
  id: 'pytorch-legacy',
  title: 'PyTorch (legacy)',
  extensions: ['.pt', '.pth', '.bin'],
  match: looksLikeLegacy,
  open: openPickleFile,
};

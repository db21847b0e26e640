import type { Format } from './format.ts';
import { openTorchArchive } from './torch-archive.ts';
import { looksLikeTorchExport } from './torch/magic.ts';

/** `torch.export.save`. */
export const torchExport: Format = {
  id: 'torch-export',
  title: 'torch.export program',
  extensions: ['.pt2'],
  match: (head, { name }) => looksLikeTorchExport(head, name),
  open: openTorchArchive,
};

import type { Format } from './format.ts';
import { openTorchArchive } from './torch-archive.ts';
import { looksLikeZip } from './zip/archive.ts';
import { headMentions } from './zip/head.ts';

/** `torch.export.save`. */
export const torchExport: Format = {
  id: 'torch-export',
  title: 'torch.export program',
  extensions: ['.pt2'],
  match: (head, { name }) => looksLikeZip(head) && (/\.pt2$/i.test(name) || headMentions(head, 'data/weights/')),
  open: openTorchArchive,
};

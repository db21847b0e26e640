import type { Format } from './format.ts';
import { openTorchArchive } from './torch-archive.ts';
import { looksLikeZip } from './zip/archive.ts';
import { headMentions } from './zip/head.ts';

/** `torch.jit.save`. Where its first entries do not tell, `pytorchZip` opens it with the same reader. */
export const torchScript: Format = {
  id: 'torchscript',
  title: 'TorchScript',
  extensions: ['.jit', '.ptl'],
  match: (head, { name }) =>
    looksLikeZip(head) && (/\.(?:jit|ptl)$/i.test(name) || headMentions(head, 'code/__torch__')),
  open: openTorchArchive,
};

import type { Format } from './format.ts';
import { openTorchArchive } from './torch-archive.ts';
import { looksLikeTorchScript } from './torch/magic.ts';

/** `torch.jit.save`. Where its first entries do not tell, `pytorchZip` opens it with the same reader. */
export const torchScript: Format = {
  id: 'torchscript',
  title: 'TorchScript',
  extensions: ['.jit', '.ptl'],
  match: (head, { name }) => looksLikeTorchScript(head, name),
  open: openTorchArchive,
};

import type { Format } from './format.ts';
import { openTorchArchive } from './torch-archive.ts';
import { looksLikeZip } from './zip/archive.ts';

/** `torch.save` since 1.6, and any other zip that no other format claims: its pickles are looked at all the same. */
export const pytorchZip: Format = {
  id: 'pytorch-zip',
  title: 'PyTorch',
  extensions: ['.pt', '.pth', '.ckpt', '.bin'],
  match: looksLikeZip,
  open: openTorchArchive,
};

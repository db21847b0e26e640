/** `assay cache`: the kept signals of models. */
import { formatBytes, plural } from '../core/report/words/units.ts';
import type { Options } from './args.ts';
import { cacheFolder, FolderStore } from './feature-cache.ts';
import { printable } from './progress-bar.ts';

export async function cache({ target, json }: Options): Promise<number> {
  const folder = cacheFolder(process.env);
  const store = new FolderStore(folder);
  const { models, bytes } = await store.size();
  if (target === 'clear') await store.clear();
  const cleared = target === 'clear';
  if (json) console.log(JSON.stringify({ folder, models, bytes, cleared }, null, 2));
  else {
    const kept = `signals of ${plural(models, 'model')}, ${formatBytes(bytes)}`;
    console.log(printable(cleared ? `Removed ${kept}, from ${folder}` : `Kept: ${kept}, in ${folder}`));
  }
  return 0;
}

/** Files as a person picked them, turned into what the engine takes. */
import { AppError } from '../../core/errors.ts';
import { ARTIFACTS_MAX } from '../../core/limits.ts';
import type { Intake } from '../../core/scan/model.ts';

export interface PickedFile {
  /** Inside what was picked, `/`-separated. */
  readonly path: string;
  readonly file: File;
}

/** From `<input type=file>`, with or without `webkitdirectory`. */
export function fromInput(list: FileList): { name: string; files: PickedFile[] } {
  if (list.length > ARTIFACTS_MAX) {
    throw new AppError('USAGE', {
      problem: `There are more than ${ARTIFACTS_MAX.toLocaleString('en-GB')} files.`,
      next: 'Choose the model’s own folder.',
    });
  }
  const picked = [...list];
  // With `webkitdirectory` every path starts with the name of the chosen folder.
  const [first] = picked;
  const folder = first?.webkitRelativePath.split('/')[0] ?? '';
  const files = picked.map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath.slice(folder.length + 1),
    file,
  }));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const single = files.length === 1 ? files[0]?.path : undefined;
  return { name: folder || single || `${first?.name ?? 'nothing'} and ${files.length - 1} more`, files };
}

/** @throws AppError USAGE when nothing was picked */
export function localIntake(name: string, files: readonly PickedFile[]): Intake {
  if (files.length === 0) {
    throw new AppError('USAGE', { problem: 'There is no file in it.', next: 'Choose a model file or its folder.' });
  }
  return {
    kind: 'local',
    name,
    files: files.map(({ path, file }) => ({ path, size: file.size, spec: { kind: 'file', name: path, file } })),
  };
}

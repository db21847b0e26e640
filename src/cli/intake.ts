/** What the command line was pointed at, as an Intake: a file, a folder, a repository or an address. */
import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { AppError } from '../core/errors.ts';
import { parseHubRef } from '../core/hub/parse-ref.ts';
import { ARTIFACTS_MAX, CLAIM_FILE_MAX } from '../core/limits.ts';
import type { Against, Intake, LocalFile } from '../core/scan/model.ts';

/** Folders that hold a tool's own bookkeeping, not the model. `.cache` is read: Hugging Face keeps claims there. */
const SKIPPED = new Set(['.git', 'node_modules', '__pycache__', '.venv']);

interface HubSettings {
  readonly endpoint?: string;
  readonly token?: string;
}

/** HF_ENDPOINT and HF_TOKEN, as huggingface_hub reads them. */
export function hubSettings(env: NodeJS.ProcessEnv): HubSettings {
  const endpoint = env['HF_ENDPOINT'];
  const token = env['HF_TOKEN'];
  return { ...(endpoint ? { endpoint } : {}), ...(token ? { token } : {}) };
}

/**
 * @throws AppError SOURCE_NOT_FOUND {path}, SOURCE_UNREADABLE {path}, USAGE (too many files), HUB_REFERENCE
 */
export async function readIntake(target: string, hub: HubSettings): Promise<Intake> {
  if (target.startsWith('hf:') || /^https:\/\/(huggingface\.co|hf\.co)\//.test(target)) {
    return { kind: 'hub', ref: parseHubRef(target), ...hub };
  }
  if (/^https?:\/\//.test(target)) return { kind: 'url', url: target };
  const path = resolve(target);
  const info = await stat(path).catch((error: unknown) => {
    throw fileError(error, target);
  });
  if (!info.isDirectory()) {
    const name = basename(path);
    return { kind: 'local', name, files: [{ path: name, size: info.size, spec: { kind: 'path', name, path } }] };
  }
  const files: LocalFile[] = [];
  const root = await realpath(path);
  await walk({ root, asked: target }, path, '', files);
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { kind: 'local', name: basename(root), files };
}

/** Files below `folder`; symlinks to files are followed (the Hugging Face cache is made of them), to folders are not. */
async function walk(
  given: { readonly root: string; readonly asked: string },
  folder: string,
  prefix: string,
  into: LocalFile[],
): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown): Dirent[] => {
    throw fileError(error, folder);
  });
  for (const entry of entries) {
    const name = prefix + entry.name;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) await walk(given, path, `${name}/`, into);
      continue;
    }
    const info = await stat(path).catch(() => null);
    if (!info?.isFile()) continue;
    if (into.length >= ARTIFACTS_MAX) {
      throw new AppError('USAGE', {
        problem: `${given.asked} holds more than ${ARTIFACTS_MAX} files. Name the model's own folder.`,
      });
    }
    const linkTo = entry.isSymbolicLink() ? await targetInside(given.root, path) : null;
    into.push({
      path: name,
      size: info.size,
      spec: { kind: 'path', name, path },
      ...(linkTo === null ? {} : { linkTo }),
    });
  }
}

/** What a link leads to, as a path below the root; null when it leads out. */
async function targetInside(root: string, path: string): Promise<string | null> {
  const target = await realpath(path).catch(() => null);
  if (target === null || !target.startsWith(`${root}${sep}`)) return null;
  return target.slice(root.length + 1).replaceAll(sep, '/');
}

/** One `--against`: a repository, a checksum list that exists as a file, else a digest. */
export async function readAgainst(text: string, hub: HubSettings): Promise<Against> {
  if (text.startsWith('hf:') || /^https:\/\/(huggingface\.co|hf\.co)\//.test(text)) {
    return { kind: 'hub', ref: parseHubRef(text), ...hub };
  }
  const path = resolve(text);
  const info = await stat(path).catch(() => null);
  if (info?.isFile()) {
    if (info.size > CLAIM_FILE_MAX)
      throw new AppError('CLAIM_TOO_LARGE', { name: text, size: info.size, most: CLAIM_FILE_MAX });
    return { kind: 'text', name: basename(path), text: await readFile(path, 'utf8') };
  }
  // A digest never looks like a path; anything else was meant as a file that is not there.
  if (/[/\\.]/.test(text) && !/^sha\d+-/.test(text)) throw new AppError('SOURCE_NOT_FOUND', { path: text });
  return { kind: 'text', name: 'the digest on the command line', text };
}

function fileError(error: unknown, path: string): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new AppError(code === 'ENOENT' ? 'SOURCE_NOT_FOUND' : 'SOURCE_UNREADABLE', { path, why: code }, error);
}

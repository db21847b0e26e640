/** A folder tree as repositories: `<folder>/<org>/<name>/<revision>/files…`, with commit ids, blob ids and LFS digests. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

export interface RepoFile {
  /** `/`-separated. */
  readonly path: string;
  readonly disk: string;
  readonly size: number;
  /** Git blob id of what git holds: the content, or the LFS pointer. */
  readonly blobId: string;
  /** Present for files in LFS. */
  readonly lfs?: { readonly oid: string; readonly pointer: string };
}

export interface Commit {
  readonly id: string;
  readonly date: string;
  readonly title: string;
  readonly files: readonly RepoFile[];
}

/** Endings that the Hub's default .gitattributes puts in LFS; other files go there above `LFS_THRESHOLD`. */
const LFS_ENDINGS = [
  '.safetensors',
  '.gguf',
  '.bin',
  '.pt',
  '.pth',
  '.ckpt',
  '.onnx',
  '.h5',
  '.msgpack',
  '.npz',
  '.zip',
];
const LFS_THRESHOLD = 10 * 1024 * 1024;
const NEWEST = Date.UTC(2025, 5, 1, 12);
const DAY = 86_400_000;

/** Reads the folder at every request, so that a test may write to it meanwhile; digests are kept by size and time. */
export class Repositories {
  readonly #folder: string;
  readonly #digests = new Map<string, Promise<{ sha256: string; blob: string }>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  has(repo: string): boolean {
    return existsSync(join(this.#folder, repo)) && this.#revisions(repo).length > 0;
  }

  /**
   * The commits of a branch, newest first: the folder `main`, then `main~1`, `main~2` … beside it, 29 days apart. A
   * commit id finds its commit on any branch. Undefined when there is no such revision.
   */
  async history(repo: string, revision: string): Promise<readonly Commit[] | undefined> {
    const folders = this.#revisions(repo);
    const branches = [...new Set(folders.map((name) => name.replace(/~\d+$/, '')))];
    for (const branch of branches) {
      const line = folders.filter((name) => name === branch || name.startsWith(`${branch}~`)).sort(byAge);
      const commits = await Promise.all(line.map((name, age) => this.#commit(repo, name, age)));
      if (branch === revision || branch.replaceAll('__', '/') === revision) return commits;
      const at = commits.findIndex((commit) => commit.id === revision);
      if (at >= 0) return commits.slice(at);
    }
    return undefined;
  }

  #revisions(repo: string): string[] {
    return readdirSync(join(this.#folder, repo), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && isBranch(entry.name))
      .map((entry) => entry.name);
  }

  async #commit(repo: string, name: string, age: number): Promise<Commit> {
    const root = join(this.#folder, repo, name);
    const files: RepoFile[] = [];
    for (const disk of filesBelow(root)) files.push(await this.#file(root, disk));
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const text = files.map((file) => `${file.blobId} ${file.path}\n`).join('');
    const id = createHash('sha1').update(`${repo}@${name}\n${text}`).digest('hex');
    const date = new Date(NEWEST - age * 29 * DAY).toISOString();
    return { id, date, title: age === 0 ? 'Newest version' : `Version ${age} before the newest`, files };
  }

  async #file(root: string, disk: string): Promise<RepoFile> {
    const path = relative(root, disk).split(sep).join('/');
    const { size, mtimeMs } = statSync(disk);
    const key = `${disk} ${size} ${mtimeMs}`;
    const digesting = this.#digests.get(key) ?? digests(disk, size);
    this.#digests.set(key, digesting);
    const { sha256, blob } = await digesting;
    if (size <= LFS_THRESHOLD && !LFS_ENDINGS.includes(extname(path))) return { path, disk, size, blobId: blob };
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
    const blobId = createHash('sha1').update(`blob ${pointer.length}\0${pointer}`).digest('hex');
    return { path, disk, size, blobId, lfs: { oid: sha256, pointer } };
  }
}

/** Branches of the tests: `main`, `main~2`, tags like `v1.0`, and `refs__pr__1` for `refs/pr/1`. */
function isBranch(name: string): boolean {
  return /^(main|v\d[\w.]*|dev|refs__pr__\d+)(~\d+)?$/.test(name);
}

function byAge(a: string, b: string): number {
  const age = (name: string): number => Number(/~(\d+)$/.exec(name)?.[1] ?? 0);
  return age(a) - age(b);
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

async function digests(disk: string, size: number): Promise<{ sha256: string; blob: string }> {
  const sha256 = createHash('sha256');
  const blob = createHash('sha1').update(`blob ${size}\0`);
  for await (const chunk of createReadStream(disk, { highWaterMark: 1024 * 1024 })) {
    sha256.update(chunk as Buffer);
    blob.update(chunk as Buffer);
  }
  return { sha256: sha256.digest('hex'), blob: blob.digest('hex') };
}

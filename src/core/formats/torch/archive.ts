import { AppError } from '../../errors.ts';
import { findEntry, type ZipArchive } from '../zip/archive.ts';
import { STORED, type LocatedEntry } from '../zip/entry.ts';
import { readEntry } from '../zip/read.ts';
import type { ContentReport } from '../archive-content.ts';
import { statedBytes, type StoragePlace } from './place.ts';
import type { TensorPlan } from './rebuild.ts';

export type ArchiveKind = 'pytorch-zip' | 'torchscript' | 'torch-export';

/** What the names in a PyTorch archive say about it. */
export interface ArchiveLayout {
  readonly kind: ArchiveKind;
  /** Folder of all entries, without the slash; empty when there is none. */
  readonly root: string;
}

/** A small text record: `version`, `byteorder`, `archive_format`. */
const RECORD_MAX = 4096;

/**
 * Kind and root of the archive. PyTorch's reader takes the folder of the first entry for the root
 * (`caffe2/serialize/inline_container.cc`); where that holds no model, the folder of the first `data.pkl` is taken.
 * Several folders with a model of their own are reported, because readers differ.
 *
 * @throws AppError FORMAT_MISSING_ENTRY when nothing in it is PyTorch's
 */
export function layoutOf(archive: ZipArchive, report: ContentReport): ArchiveLayout {
  const names = archive.entries.map((entry) => entry.name);
  const roots = new Set<string>();
  for (const name of names) {
    const match = /^(?:([^/]+)\/)?(?:data\.pkl|archive_format|models\/[^/]+\.json)$/.exec(name);
    if (match !== null) roots.add(match[1] ?? '');
  }
  const folders = [
    ...new Set(names.filter((name) => /(^|\/)data\.pkl$/i.test(name)).map((name) => name.slice(0, -'data.pkl'.length))),
  ];
  if (folders.length > 1) {
    report.find('zip-ambiguous', 'caution', { what: `models in ${folders.slice(0, 4).join(' and ').slice(0, 200)}` });
  }
  const first = names[0]?.includes('/') === true ? names[0].slice(0, names[0].indexOf('/')) : '';
  const root = roots.has(first) ? first : [...roots][0];
  if (root === undefined) throw new AppError('FORMAT_MISSING_ENTRY', { entry: 'data.pkl', entries: names.length });
  const at = (name: string): string => (root === '' ? name : `${root}/${name}`);
  const has = (name: string): boolean => names.includes(at(name));
  if (!has('data.pkl')) return { kind: 'torch-export', root };
  const script = has('constants.pkl') && names.some((name) => name.startsWith(at('code/')));
  return { kind: script ? 'torchscript' : 'pytorch-zip', root };
}

export function recordName(layout: ArchiveLayout, name: string): string {
  return layout.root === '' ? name : `${layout.root}/${name}`;
}

/** Text of a small record; null when it is not there. @throws AppError FORMAT_*; SOURCE_* */
export async function readRecord(
  archive: ZipArchive,
  layout: ArchiveLayout,
  name: string,
  signal?: AbortSignal,
  most = RECORD_MAX,
): Promise<string | null> {
  const entry = findEntry(archive, recordName(layout, name));
  if (entry === undefined) return null;
  return new TextDecoder('utf-8').decode(await readEntry(archive.source, entry, signal, most));
}

/** Byte order of all storages. Absent in files before PyTorch 2.1, which are little-endian in practice. */
export async function readByteOrder(
  archive: ZipArchive,
  layout: ArchiveLayout,
  signal?: AbortSignal,
): Promise<'big' | 'little' | null> {
  const text = await readRecord(archive, layout, 'byteorder', signal);
  if (text === null) return null;
  const order = text.trim();
  if (order === 'big' || order === 'little') return order;
  throw new AppError('FORMAT_METADATA', { key: 'byteorder', value: order.slice(0, 40) });
}

/** Finds storages under one of several folders, and remembers which entries it used. */
export class StorageLocator {
  readonly used = new Set<LocatedEntry>();
  readonly #byName = new Map<string, LocatedEntry>();
  readonly #layout: ArchiveLayout;
  readonly #folders: readonly string[];
  readonly #big: boolean;
  readonly #report: ContentReport;

  constructor(
    archive: ZipArchive,
    layout: ArchiveLayout,
    folders: readonly string[],
    big: boolean,
    report: ContentReport,
  ) {
    // The last entry of a name counts, as in CPython.
    for (const entry of archive.entries) if (entry.dataStart >= 0) this.#byName.set(entry.name, entry);
    this.#layout = layout;
    this.#folders = folders;
    this.#big = big;
    this.#report = report;
  }

  /** @throws AppError FORMAT_MISSING_ENTRY, FORMAT_OVERFLOW, FORMAT_SIZE_MISMATCH, or the problem of the entry */
  locate = (plan: TensorPlan): StoragePlace => {
    const stated = statedBytes(plan);
    const names = this.#folders.map((folder) => recordName(this.#layout, `${folder}/${plan.storage.key}`));
    const entry = names.map((name) => this.#byName.get(name)).find((found) => found !== undefined);
    if (entry === undefined) throw new AppError('FORMAT_MISSING_ENTRY', { entry: names[0]! });
    return this.place(entry, stated);
  };

  /** Holds an entry against the bytes it must have. */
  place(entry: LocatedEntry, stated: number): StoragePlace {
    this.used.add(entry);
    if (entry.problem !== null) throw entry.problem;
    const detail = { entry: entry.name.slice(0, 200), expected: stated, actual: entry.size };
    if (entry.size < stated) throw new AppError('FORMAT_SIZE_MISMATCH', detail);
    if (entry.size > stated) {
      this.#report.find('size-mismatch', 'caution', { ...detail, name: detail.entry }, entry.dataStart);
    }
    return {
      start: entry.method === STORED ? entry.dataStart : null,
      bytes: entry.size,
      big: this.#big,
      record: entry.name,
    };
  }

  entryNamed(name: string): LocatedEntry | undefined {
    return this.#byName.get(name);
  }
}

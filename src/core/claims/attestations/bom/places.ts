/** Where the names in a bill of materials point among the files that were given. Nothing is guessed. */
import type { ErrorData } from '../../../errors.ts';
import { hasWeightsName } from '../../../formats/weights-names.ts';
import { BILL_SAME_NAME_MAX } from '../../../limits.ts';
import type { AttestedFolder } from '../kind.ts';
import { resolveRecordPath } from '../record-path.ts';

/** `path`: that file, or where it would be; `here` false: it is not there; `reason`: which one is meant cannot be said. */
export interface Place {
  readonly path: string;
  readonly here: boolean;
  readonly reason?: ErrorData;
}

/**
 * The place of each name, by name. A name is a path relative to the bill, or relative to the folder of the model the
 * bill lies in, or the end of exactly one path there (and the other way round: bills are often made one folder up).
 * Two names that would lead to one file lead to none.
 *
 * @param billPath of the bill, `/`-separated
 */
export function placesOf(
  billPath: string,
  names: Iterable<string>,
  folder: AttestedFolder,
): ReadonlyMap<string, Place> {
  const base = modelFolder(billPath, folder);
  const paths = new Set(folder.files.map(({ path }) => path));
  const places = new Map<string, Place>();
  const loose = new Map<string, string>();
  for (const name of names) {
    if (places.has(name)) continue;
    const own = isPortable(name) ? resolveRecordPath(billPath, name) : null;
    const model = own === null ? null : resolveRecordPath(base, name);
    if (own === null || model === null || own === '' || model === '') places.set(name, refused(name));
    else if (paths.has(own)) places.set(name, { path: own, here: true });
    else if (paths.has(model)) places.set(name, { path: model, here: true });
    else loose.set(name, model);
  }
  const taken = new Set([...places.values()].filter(({ here }) => here).map(({ path }) => path));
  const byName = new Map<string, string[]>();
  for (const path of paths) {
    if (!path.startsWith(base) || taken.has(path) || path === billPath) continue;
    const last = lastOf(path);
    const list = byName.get(last);
    if (list === undefined) byName.set(last, [path]);
    else list.push(path);
  }
  const asked = new Map<string, string[]>();
  for (const [name, model] of loose) {
    const same = byName.get(lastOf(model)) ?? [];
    const fitting = same.length > BILL_SAME_NAME_MAX ? same : same.filter((path) => fits(path, model, base));
    const [path] = fitting;
    if (path === undefined) places.set(name, { path: model, here: false });
    else if (fitting.length > 1) places.set(name, unclear(name, model, fitting.length));
    else asked.set(path, [...(asked.get(path) ?? []), name]);
  }
  for (const [path, by] of asked) {
    for (const name of by) places.set(name, by.length === 1 ? { path, here: true } : unclear(name, path, by.length));
  }
  return places;
}

/** One path is the end of the other, by whole segments. */
function fits(path: string, model: string, base: string): boolean {
  const here = path.slice(base.length);
  const stated = model.slice(base.length);
  return here.endsWith(`/${stated}`) || stated.endsWith(`/${here}`);
}

/** True unless a system would read the name as leaving its folder, or as another name than it shows. */
function isPortable(name: string): boolean {
  return name !== '' && !/[\\\0]/.test(name) && !name.split('/').includes('..');
}

function refused(name: string): Place {
  return { path: name, here: false, reason: { code: 'CLAIM_PATH', detail: { path: name.slice(0, 200) } } };
}

function unclear(name: string, path: string, candidates: number): Place {
  const detail = { name: name.slice(0, 200), candidates };
  return { path, here: false, reason: { code: 'ATTEST_NO_FILE_NAMED', detail } };
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * The folder of the model a bill speaks about, with a final `/`: its own, or the nearest above that holds weights when
 * its own has none (`sbom/model.cdx.json`). Empty: everything that was given.
 */
export function modelFolder(billPath: string, folder: AttestedFolder): string {
  const own = billPath.slice(0, billPath.lastIndexOf('/') + 1);
  const weights = folder.files.map(({ path }) => path).filter((path) => isWeights(path, folder));
  for (let base = own; ; base = base.slice(0, base.lastIndexOf('/', base.length - 2) + 1)) {
    if (weights.some((path) => path.startsWith(base))) return base;
    if (base === '') return own;
  }
}

/** By what the scan read in its header; by name where nothing was read. */
export function isWeights(path: string, folder: AttestedFolder): boolean {
  const header = folder.header?.(path);
  return header === undefined ? hasWeightsName(path) : header.tensors.length > 0;
}

import { AppError, throwIfAborted } from '../../errors.ts';
import { HDF5_DEPTH_MAX, HDF5_LINKS_MAX } from '../../limits.ts';
import { readAttributes, type Attribute } from './attributes.ts';
import { readDataset, type Dataset } from './dataset.ts';
import type { H5File } from './file.ts';
import { readLinks, type Link } from './links.ts';
import { readObjectHeader } from './object-header.ts';

export interface H5Visitor {
  group?(path: string, depth: number): void;
  dataset?(path: string, dataset: Dataset): void;
  /** Committed datatypes and whatever else is neither group nor dataset. */
  other?(path: string): void;
  attribute?(path: string, attribute: Attribute): void;
  /** Links that are not followed: soft, external, of unknown kind. */
  link?(path: string, link: Exclude<Link, { kind: 'hard' }>): void;
  /** A group that was listed before under another path; `inside`: it contains itself. */
  again?(path: string, first: string, inside: boolean): void;
}

interface Frame {
  readonly path: string;
  readonly address: number;
  readonly depth: number;
  readonly parent: Frame | null;
}

type Thing =
  | { readonly kind: 'group'; readonly links: readonly Link[] }
  | { readonly kind: 'dataset'; readonly dataset: Dataset }
  | { readonly kind: 'other' };

/**
 * Visits everything that hard links reach from the root, in the order of the groups. A dataset is visited under each of
 * its names, a group only under its first: groups that hold each other twice would otherwise double with every level.
 *
 * @throws AppError FORMAT_*; SOURCE_*
 */
export async function walkObjects(file: H5File, root: number, visitor: H5Visitor): Promise<void> {
  const things = new Map<number, Thing>();
  const groups = new Map<number, string>();
  const stack: Frame[] = [{ path: '', address: root, depth: 0, parent: null }];
  let visited = 0;
  for (let frame = stack.pop(); frame !== undefined; frame = stack.pop()) {
    throwIfAborted(file.signal);
    visited += 1;
    if (visited > HDF5_LINKS_MAX)
      throw new AppError('FORMAT_COUNT_TOO_LARGE', { what: 'objects', max: HDF5_LINKS_MAX });
    if (frame.depth > HDF5_DEPTH_MAX)
      throw new AppError('FORMAT_DEPTH', { max: HDF5_DEPTH_MAX, name: frame.path.slice(-200) });
    const first = groups.get(frame.address);
    if (first !== undefined) {
      visitor.again?.(frame.path, first, contains(frame));
      continue;
    }
    const known = things.get(frame.address);
    const thing = known ?? (await readThing(file, frame, visitor));
    if (thing.kind === 'dataset') {
      things.set(frame.address, thing);
      visitor.dataset?.(frame.path, thing.dataset);
    } else if (thing.kind === 'other') visitor.other?.(frame.path);
    else {
      groups.set(frame.address, frame.path);
      visitor.group?.(frame.path, frame.depth);
      const inside: Frame[] = [];
      for (const link of thing.links) {
        const path = frame.path === '' ? link.name : `${frame.path}/${link.name}`;
        if (link.kind === 'hard') inside.push({ path, address: link.address, depth: frame.depth + 1, parent: frame });
        else visitor.link?.(path, link);
      }
      // A stack takes the last first. Not as arguments of one push: a group may have more links than those can be.
      for (const next of inside.reverse()) stack.push(next);
    }
  }
}

async function readThing(file: H5File, { address, path }: Frame, visitor: H5Visitor): Promise<Thing> {
  const header = await readObjectHeader(file, address);
  const links = await readLinks(file, header);
  const dataset = links === null ? await readDataset(file, header) : null;
  for (const attribute of await readAttributes(file, header)) visitor.attribute?.(path, attribute);
  if (links !== null) return { kind: 'group', links };
  return dataset === null ? { kind: 'other' } : { kind: 'dataset', dataset };
}

function contains(frame: Frame): boolean {
  for (let above = frame.parent; above !== null; above = above.parent) if (above.address === frame.address) return true;
  return false;
}

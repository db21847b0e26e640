import { AppError } from '../../errors.ts';
import type { Dataspace } from './dataspace.ts';
import { readDataspace } from './dataspace.ts';
import { readDatatype, type Datatype } from './datatype.ts';
import { H5Cursor, type H5File } from './file.ts';
import { readFilters, type Filter } from './filters.ts';
import { readLayout, type Layout } from './layout.ts';
import { findMessage, MESSAGE, messageCursor, type ObjectHeader } from './object-header.ts';

export interface Dataset {
  readonly space: Dataspace;
  readonly type: Datatype;
  readonly layout: Layout;
  readonly filters: readonly Filter[];
  /** One element for places that were never written; empty: zeros. */
  readonly fill: Uint8Array;
  /** Files that hold the bytes instead of this one. */
  readonly externalFiles: readonly string[];
}

/** External files named by one dataset. */
const EXTERNAL_MAX = 1000;

/** What an object's header says about a dataset; null when the object is none. @throws AppError FORMAT_*; SOURCE_* */
export async function readDataset(file: H5File, header: ObjectHeader): Promise<Dataset | null> {
  const find = async (type: number): Promise<H5Cursor | null> => {
    const message = findMessage(header, type);
    return message === undefined ? null : messageCursor(file, message);
  };
  const layout = await find(MESSAGE.layout);
  if (layout === null) return null;
  const [space, type] = [await find(MESSAGE.dataspace), await find(MESSAGE.datatype)];
  if (space === null || type === null) {
    throw new AppError('FORMAT_MISSING_FIELD', {
      field: space === null ? 'dataspace' : 'datatype',
      offset: file.base + header.address,
    });
  }
  const filters = await find(MESSAGE.filters);
  const external = await find(MESSAGE.externalFiles);
  return {
    space: readDataspace(space),
    type: readDatatype(type),
    layout: readLayout(layout),
    filters: filters === null ? [] : readFilters(filters),
    fill: readFill(await find(MESSAGE.fillValue), await find(MESSAGE.oldFillValue)),
    externalFiles: external === null ? [] : await readExternalFiles(file, external),
  };
}

/** Fill value messages, old and versions 1 to 3 (specification IV.A.2.e, IV.A.2.f). */
function readFill(cursor: H5Cursor | null, old: H5Cursor | null): Uint8Array {
  if (cursor === null) return old === null ? new Uint8Array(0) : old.take(old.u32()).slice();
  const version = cursor.u8();
  if (version < 1 || version > 3) throw new AppError('FORMAT_VERSION', { what: 'fill value', version });
  if (version === 3) return (cursor.u8() & 0x20) === 0 ? new Uint8Array(0) : cursor.take(cursor.u32()).slice();
  cursor.skip(2);
  const defined = cursor.u8();
  if (version === 2 && defined === 0) return new Uint8Array(0);
  const size = cursor.remaining < 4 ? 0 : cursor.u32();
  return size > cursor.remaining ? new Uint8Array(0) : cursor.take(size).slice();
}

/** External data files message (specification IV.A.2.h): names stand in a local heap. */
async function readExternalFiles(file: H5File, cursor: H5Cursor): Promise<string[]> {
  const { offset, length } = file.widths;
  cursor.skip(6);
  const used = Math.min(cursor.u16(), EXTERNAL_MAX);
  const heapAddress = cursor.address();
  if (heapAddress === null) return [];
  const heap = await file.signed(heapAddress, 8 + 2 * length + offset, 'HEAP', false);
  heap.skip(4);
  const size = heap.extent();
  heap.extent();
  const data = heap.address();
  if (data === null) return [];
  const names = await file.cursor(data, size, 'local heap');
  const files: string[] = [];
  for (let i = 0; i < used; i += 1) {
    names.seek(cursor.extent());
    files.push(names.cString());
    cursor.extent();
    cursor.extent();
  }
  return files;
}

/**
 * Counts the memory that typed arrays ask for, before they get it. Loaded first in the thread that runs the parsers.
 *
 * A garbage collector hides peaks: what was allocated and dropped within one input does not show in any difference of
 * heap sizes. Buffers are where a hostile length turns into gigabytes, so their constructors are wrapped: each request
 * is held against a cap, and their sum over one input is what the summary calls growth, together with the growth of the
 * heap (`used_heap_size` before and after). Buffers that Node makes itself are not seen here; the limit of the thread's
 * heap and the process's own limit stay behind both.
 */
import v8 from 'node:v8';

/** One buffer: more than any cap of `limits.ts` allows to be made in one piece, for inputs of at most 512 KiB. */
const BUFFER_MAX = 128 * 1024 * 1024;
/** All buffers and the heap, over one input: the budget of a worker. */
export const GROWTH_MAX = 256 * 1024 * 1024;

const state = { asked: 0, largest: 0, heap: 0, refused: 0 };
const NAMES = [
  'ArrayBuffer', 'Uint8Array', 'Int8Array', 'Uint8ClampedArray', 'Uint16Array', 'Int16Array', 'Uint32Array',
  'Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array',
]; // prettier-ignore

for (const name of NAMES) {
  const Original = globalThis[name];
  const width = Original.BYTES_PER_ELEMENT ?? 1;
  const counted = new Proxy(Original, {
    construct(target, args, newTarget) {
      const [first] = args;
      // A view of a buffer allocates nothing; a list or another array as much as it has elements.
      const elements =
        typeof first === 'number' ? first : ArrayBuffer.isView(first) || Array.isArray(first) ? first.length : 0;
      const bytes = elements * width;
      state.asked += bytes;
      if (bytes > state.largest) state.largest = bytes;
      if (bytes > BUFFER_MAX) {
        state.refused = Math.max(state.refused, bytes);
        throw new RangeError(`a buffer of ${bytes} bytes was asked for`);
      }
      return Reflect.construct(target, args, newTarget === counted ? target : newTarget);
    },
  });
  globalThis[name] = counted;
}

export function startMeter() {
  state.asked = 0;
  state.largest = 0;
  state.refused = 0;
  state.heap = v8.getHeapStatistics().used_heap_size;
}

/** Bytes since `startMeter`. `refused`: the largest buffer that was asked for and not made, 0 when none. */
export function readMeter() {
  const heap = Math.max(0, v8.getHeapStatistics().used_heap_size - state.heap);
  return { growth: heap + state.asked, largest: state.largest, refused: state.refused };
}

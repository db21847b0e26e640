/**
 * Gives the memory of read chunks back at once.
 *
 * Browsers free a buffer when garbage is collected, and their collectors let some 200 MB pile up first: in each of four
 * workers. A buffer that is transferred leaves its sender; sent to a worker that has already ended it arrives nowhere
 * and is freed on the spot. Chromium 156, one 6 GiB file: 200 to 220 MB all the way instead of 230 to 440; four
 * files in four workers: at most 440 MB instead of 690. (`ArrayBuffer.transfer(0)` only hides the memory from the
 * collector: then it grew to 3 GB.) A browser that does not transfer to an ended worker collects garbage as before.
 */
export function chunkFreer(): (chunk: Uint8Array) => void {
  const address = URL.createObjectURL(new Blob([], { type: 'text/javascript' }));
  const ended = new Worker(address);
  ended.terminate();
  URL.revokeObjectURL(address);
  return (chunk) => {
    // A view of something larger is not ours to give away.
    if (chunk.byteLength === chunk.buffer.byteLength) ended.postMessage(null, [chunk.buffer as ArrayBuffer]);
  };
}

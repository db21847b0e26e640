/**
 * Gives a chunk's memory back at once. Garbage collection does not see how large the buffers behind small objects are
 * and lets hundreds of megabytes pile up first. Browsers without `ArrayBuffer.transfer` (before 2024) do wait for it.
 */
export function freeChunk(chunk: Uint8Array): void {
  (chunk.buffer as { transfer?(length: number): ArrayBuffer }).transfer?.(0);
}

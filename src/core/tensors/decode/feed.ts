import { throwIfAborted } from '../../errors.ts';
import type { Decoder } from './decoder.ts';

/** Stored bytes decoded before others get a turn: at most 30 times as many come out (one bit per value). */
const PIECE = 256 * 1024;

/**
 * Pushes a whole payload through a decoder, with pauses.
 *
 * @param room awaited between pieces: where the values go when they go to other threads
 * @throws AppError FORMAT_SIZE_MISMATCH; SOURCE_* as the chunks do
 */
export async function feed(
  decoder: Decoder,
  chunks: AsyncIterable<Uint8Array>,
  { room, signal }: { readonly room?: () => Promise<void>; readonly signal?: AbortSignal } = {},
): Promise<void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      throwIfAborted(signal);
      decoder.push(chunk.subarray(at, at + PIECE));
      if (room !== undefined) await room();
    }
  }
  decoder.end();
}

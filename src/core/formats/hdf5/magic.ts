/** `\x89HDF\r\n\x1a\n` */
export const HDF5_SIGNATURE: readonly number[] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

export function hasSignature(bytes: Uint8Array, at = 0): boolean {
  return HDF5_SIGNATURE.every((byte, i) => bytes[at + i] === byte);
}

/** The signature at one of the places in reach, or a file that ends inside it. Longer user blocks are found by name. */
export function looksLikeHdf5(head: Uint8Array): boolean {
  if (head.length > 0 && head.length < HDF5_SIGNATURE.length)
    return head.every((byte, i) => byte === HDF5_SIGNATURE[i]);
  return [0, 512, 1024, 2048].some((at) => hasSignature(head, at));
}

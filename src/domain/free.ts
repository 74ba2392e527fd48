/**
 * Gives the memory of bytes that nobody will look at again back at once. The collector sees only how small their handles are, and lets
 * more than a hundred megabytes of them pile up.
 * @param bytes have no length afterwards; a part of a larger buffer is left to the collector, since others may use the rest of that
 */
export function free(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) buffer.transfer(0);
}

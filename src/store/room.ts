const MIB = 2 ** 20;
const ORDER_ROOM_BYTES = 512 * MIB;
const ORDER_ROOM_SHARE = 0.1;
const RESULT_ROOM_BYTES = 128 * MIB;

/** Whether a disk, or what a quota allows, has room for that. */
export function roomIn(
  { freeBytes, totalBytes }: { readonly freeBytes: number; readonly totalBytes: number },
  purpose: 'order' | 'result',
): boolean {
  if (purpose === 'result') return freeBytes >= RESULT_ROOM_BYTES;
  return freeBytes >= Math.min(ORDER_ROOM_BYTES, ORDER_ROOM_SHARE * totalBytes);
}

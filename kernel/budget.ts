/*
 * A call into the kernel cannot be interrupted, and code that is not compiled well yet stays so until the call ends. So
 * each call gets a budget and comes back when that is spent, wherever in the tile it is; the next call goes on from there.
 * One unit is a block of the lanes of refill.ts, or as many steps elsewhere; eight fresh pixels cost one unit as well.
 */
export const STEPS_PER_UNIT: i32 = 96;

import { GROUP_BYTES, RUNNING_LANES, slot, Y } from './group';
import { LANES } from './memory';

/*
 * Brent's cycle detection, by equality of doubles: an orbit that comes back to exactly where it was goes round for ever, so it never
 * leaves. Looked for at the ends of blocks, and only while such orbits turn up: where there are none it would cost an eighth more.
 * Source: docs/references.md#brent
 */

/** SAVED: where each lane of RUNNING was when it was noted; SAVE_AT: the block before which it is noted again. */
const SAVED: usize = LANES + 3 * GROUP_BYTES;
const SAVE_AT: usize = SAVED + 2 * Y;

/** The age, in blocks, at which an orbit is noted first. */
const FIRST_AGE: i64 = 2;
/** Handfuls of fresh pixels for which one orbit that stays keeps the search going. */
const WATCH: i32 = 64;
/** So many orbits that stay without a cycle end the search for this tile. */
const MAX_MISSED: i32 = 16;

export let watch: i32 = 0;
let missed: i32 = 0;
let isAllowed: bool = false;
/** The earliest SAVE_AT. */
let saveDue: i64 = 0;

export function startCycles(allowed: bool): void {
  isAllowed = allowed;
  watch = 0;
  missed = 0;
}

/** An orbit was followed to the last test. */
export function noteMissed(): void {
  if (!isAllowed) return;
  if (watch > 0) missed++;
  watch = missed < MAX_MISSED ? WATCH : 0;
  saveDue = 0;
}

/** A cycle was found. */
export function noteFound(): void {
  watch = WATCH;
  missed = 0;
}

@inline
export function noteFresh(): void {
  if (watch > 0) watch--;
}

/** A new orbit has come into the lane before this block. */
@inline
export function forget(lane: i32, block: i64): void {
  const at = slot(SAVED, lane);
  store<f64>(at, NaN);
  store<i64>(slot(SAVE_AT, lane), block + FIRST_AGE);
  saveDue = min(saveDue, block + FIRST_AGE);
}

/** Notes where the lanes are whose time it is, in the group whose orbits came in before the blocks at `since`. */
@inline
export function saveDueLanes(group: usize, since: usize, block: i64): void {
  if (block < saveDue) return;
  let earliest: i64 = i64.MAX_VALUE;
  for (let lane = 0; lane < RUNNING_LANES; lane++) {
    let at = load<i64>(slot(SAVE_AT, lane));
    if (at <= block) {
      store<f64>(slot(SAVED, lane), load<f64>(slot(group, lane)));
      store<f64>(slot(SAVED, lane), load<f64>(slot(group, lane), Y), Y);
      at = block + max(FIRST_AGE, block - load<i64>(slot(since, lane)));
      store<i64>(slot(SAVE_AT, lane), at);
    }
    earliest = min(earliest, at);
  }
  saveDue = earliest;
}

/** Bits of two lanes, from lane `first` on, that are where they were noted. */
@inline
export function comeBack(first: usize, x: v128, y: v128): i32 {
  const at = SAVED + (first << 3);
  return i64x2.bitmask(v128.and(f64x2.eq(x, v128.load(at)), f64x2.eq(y, v128.load(at, Y))));
}

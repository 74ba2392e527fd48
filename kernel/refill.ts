import { comeBack, forget, noteFound, noteFresh, noteMissed, saveDueLanes, startCycles, watch } from './cycles';
import { CX, CY, GROUP_BYTES, maskOf, PASSED, pixelOf, RUNNING_LANES, slot, Y } from './group';
import { FIRST_TESTS, fresh, startFresh, takeOne, takePixels } from './fresh';
import { addLast, countLast, LAST_TESTS, startLast } from './last';
import { LANES, storeCount } from './memory';
import { moreLeft } from './pixels';

/*
 * Escape counts with lane refill: a lane whose orbit has ended takes the next pixel at once, so that no lane waits for
 * its neighbours. Three groups of orbits (group.ts) in LANES:
 *
 *   FRESH    pixels that have passed their first tests wait here to be taken (fresh.ts)
 *   RUNNING  twelve: blocks of BLOCK steps with one test at the end; right because once outside is always outside
 *            when |c|² ≤ MAX_C2 (docs/references.md#deferred-tests)
 *   LAST     orbits whose last block needs counting: from the state at its beginning, test by test (last.ts)
 *
 * Each orbit goes through the operations of its formula in the same order, so the counts are the same bit for bit.
 */
const RUNNING: usize = LANES + GROUP_BYTES;
const BLOCK: i32 = LAST_TESTS;
const ALL_LANES: i32 = (1 << RUNNING_LANES) - 1;

let iterations: i32 = 1;
/** The lanes of RUNNING that hold an orbit, as bits. */
let live: i32 = 0;
/** Blocks run so far. */
let block: i64 = 0;
/** Blocks until an orbit has had all its tests, and the block before which the first may have had them. */
let allBlocks: i64 = 0;
let spentDue: i64 = 0;
/** What is left of this call's budget; see budget.ts. */
let budget: i32 = 0;

/** Begins a tile; for Julia sets |c|² ≤ MAX_C2. */
export function startRefill(maxIterations: i32, re: f64, im: f64, extraSteps: i32, shortcuts: bool): void {
  iterations = maxIterations;
  live = 0;
  block = 0;
  allBlocks = <i64>((max(0, iterations - FIRST_TESTS) + BLOCK - 1) / BLOCK);
  spentDue = 0;
  startLast(iterations, extraSteps);
  startFresh(iterations, re, im, extraSteps, shortcuts);
  startCycles(shortcuts);
}

/** Counts pixels until the tile is done or the budget is spent. @returns whether pixels are left */
@inline
export function runRefill<F>(units: i32, julia: bool, smooth: bool): bool {
  budget = units;
  live = refill<F>(~live & ALL_LANES, live, julia, smooth);
  runBlocks<F>(julia, smooth);
  if (live || fresh || moreLeft()) return true;
  countLast<F>(smooth);
  return false;
}

/**
 * Runs blocks while there are orbits and budget. `julia` and `smooth` are constants: each use has its own copy of the loop. A step of one orbit is
 * three operations deep, of three cycles each; six vectors keep a processor busy meanwhile, and fit in its sixteen registers if c stays in memory.
 */
@inline
function runBlocks<F>(julia: bool, smooth: bool): void {
  const f = changetype<F>(0);
  while (live && budget-- > 0) {
    let xa = v128.load(RUNNING, 0), xb = v128.load(RUNNING, 16), xc = v128.load(RUNNING, 32);
    let xd = v128.load(RUNNING, 48), xe = v128.load(RUNNING, 64), xf = v128.load(RUNNING, 80);
    let ya = v128.load(RUNNING, Y), yb = v128.load(RUNNING, Y + 16), yc = v128.load(RUNNING, Y + 32);
    let yd = v128.load(RUNNING, Y + 48), ye = v128.load(RUNNING, Y + 64), yf = v128.load(RUNNING, Y + 80);
    for (let i = 0; i < BLOCK; i++) {
      const nextXa = f.nextX(xa, ya, v128.load(RUNNING, CX));
      ya = f.nextY(xa, ya, v128.load(RUNNING, CY));
      xa = nextXa;
      const nextXb = f.nextX(xb, yb, v128.load(RUNNING, CX + 16));
      yb = f.nextY(xb, yb, v128.load(RUNNING, CY + 16));
      xb = nextXb;
      const nextXc = f.nextX(xc, yc, v128.load(RUNNING, CX + 32));
      yc = f.nextY(xc, yc, v128.load(RUNNING, CY + 32));
      xc = nextXc;
      const nextXd = f.nextX(xd, yd, v128.load(RUNNING, CX + 48));
      yd = f.nextY(xd, yd, v128.load(RUNNING, CY + 48));
      xd = nextXd;
      const nextXe = f.nextX(xe, ye, v128.load(RUNNING, CX + 64));
      ye = f.nextY(xe, ye, v128.load(RUNNING, CY + 64));
      xe = nextXe;
      const nextXf = f.nextX(xf, yf, v128.load(RUNNING, CX + 80));
      yf = f.nextY(xf, yf, v128.load(RUNNING, CY + 80));
      xf = nextXf;
    }
    const left = live & ~(maskOf(xa, ya) | (maskOf(xb, yb) << 2) | (maskOf(xc, yc) << 4) | (maskOf(xd, yd) << 6) | (maskOf(xe, ye) << 8) |
      (maskOf(xf, yf) << 10));
    // The state at the block's beginning is still in memory: that is where the orbits that left are counted from.
    if (left) moveToLast<F>(left, smooth);
    v128.store(RUNNING, xa, 0), v128.store(RUNNING, xb, 16), v128.store(RUNNING, xc, 32);
    v128.store(RUNNING, xd, 48), v128.store(RUNNING, xe, 64), v128.store(RUNNING, xf, 80);
    v128.store(RUNNING, ya, Y), v128.store(RUNNING, yb, Y + 16), v128.store(RUNNING, yc, Y + 32);
    v128.store(RUNNING, yd, Y + 48), v128.store(RUNNING, ye, Y + 64), v128.store(RUNNING, yf, Y + 80);
    block++;
    let ended = left;
    if (watch > 0) {
      const back = live & ~ended & (comeBack(0, xa, ya) | (comeBack(2, xb, yb) << 2) | (comeBack(4, xc, yc) << 4) | (comeBack(6, xd, yd) << 6) |
        (comeBack(8, xe, ye) << 8) | (comeBack(10, xf, yf) << 10));
      if (back) {
        storeNeverLeft(back);
        noteFound();
        ended |= back;
      }
      saveDueLanes(RUNNING, RUNNING + PASSED, block);
    }
    if (block >= spentDue) ended |= endSpent(live & ~ended);
    if (ended) live = refill<F>(ended, live & ~ended, julia, smooth);
  }
}

/** Ends the orbits, among these lanes, that have had all tests there are. @returns their lanes */
function endSpent(lanes: i32): i32 {
  let spent = 0;
  let due: i64 = i64.MAX_VALUE;
  for (let rest = lanes; rest; rest &= rest - 1) {
    const lane = ctz(rest);
    const at = load<i64>(slot(RUNNING, lane), PASSED) + allBlocks;
    if (at <= block) {
      spent |= 1 << lane;
      noteMissed();
    } else due = min(due, at);
  }
  spentDue = due;
  storeNeverLeft(spent);
  return spent;
}

function storeNeverLeft(lanes: i32): void {
  for (let rest = lanes; rest; rest &= rest - 1) storeCount(pixelOf(RUNNING, ctz(rest)), iterations);
}

/** Moves the orbits of these lanes of RUNNING to LAST, as they were before this block. */
@inline
function moveToLast<F>(lanes: i32, smooth: bool): void {
  for (let rest = lanes; rest; rest &= rest - 1) {
    const lane = ctz(rest);
    const blocks = block - load<i64>(slot(RUNNING, lane), PASSED);
    addLast<F>(RUNNING, lane, <i64>FIRST_TESTS + blocks * BLOCK, smooth);
  }
}

/** Gives new orbits to these lanes, while there are any and budget. @returns `running` and the lanes that got one */
@inline
function refill<F>(lanes: i32, running: i32, julia: bool, smooth: bool): i32 {
  let filled = running;
  for (let rest = lanes; rest; rest &= rest - 1) {
    while (!fresh) {
      if (!moreLeft() || budget <= 0) return filled;
      noteFresh();
      budget -= takePixels<F>(julia, smooth);
    }
    const lane = ctz(rest);
    takeOne(RUNNING, lane, block);
    forget(lane, block);
    spentDue = min(spentDue, block + allBlocks);
    filled |= 1 << lane;
  }
  return filled;
}

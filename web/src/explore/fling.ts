/** How far back it is looked how fast a pointer was. */
const LOOKED_BACK_MS = 80;
/** CSS pixels in a millisecond: slower ones were put down, not thrown. */
const LEAST_SPEED = 0.25;
/** Faster than this nobody can follow. */
const MOST_SPEED = 4;
/** Time in which two thirds of the speed are lost. */
const SLOWING_MS = 260;
const STILL_SPEED = 0.02;

/** CSS pixels, to the right and down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface Move extends Point {
  /** milliseconds */
  readonly time: number;
}

/** @returns CSS pixels in a millisecond that a pointer made last; 0 when it rested before it was lifted at `now` */
export function speedOf(moves: readonly Move[], now: number): Point {
  const recent = moves.filter(({ time }) => now - time <= LOOKED_BACK_MS);
  const [first, last] = [recent[0], recent.at(-1)];
  if (!first || !last || last.time <= first.time) return { x: 0, y: 0 };
  // Until it was lifted: a pointer that slows down sends fewer moves.
  const ms = now - first.time;
  const speed = { x: (last.x - first.x) / ms, y: (last.y - first.y) / ms };
  const [size, most] = [Math.hypot(speed.x, speed.y), MOST_SPEED];
  if (size < LEAST_SPEED) return { x: 0, y: 0 };
  return size <= most ? speed : { x: (speed.x * most) / size, y: (speed.y * most) / size };
}

/** A way of so many milliseconds at a speed that is lost. @returns the way, CSS pixels, and the speed after it */
export function glide({ x, y }: Point, ms: number): { readonly way: Point; readonly speed: Point } {
  const left = Math.exp(-ms / SLOWING_MS);
  const share = SLOWING_MS * (1 - left);
  return { way: { x: x * share, y: y * share }, speed: { x: x * left, y: y * left } };
}

/** What was thrown goes on, slower and slower. */
export class Fling {
  readonly #move: (way: Point) => boolean;
  #moves: Move[] = [];
  #request = 0;

  /** @param move moves what was thrown; false when something else has moved it meanwhile */
  constructor(move: (way: Point) => boolean) {
    this.#move = move;
  }

  note({ x, y }: Point, time: number): void {
    this.#moves = [...this.#moves.filter((move) => time - move.time <= LOOKED_BACK_MS), { x, y, time }];
  }

  throw(now: number): void {
    let speed = speedOf(this.#moves, now);
    this.stop();
    let before = performance.now();
    const go = (time: number): void => {
      const { way, speed: next } = glide(speed, Math.min(50, Math.max(0, time - before)));
      [speed, before] = [next, time];
      if (Math.hypot(speed.x, speed.y) > STILL_SPEED && this.#move(way)) this.#request = requestAnimationFrame(go);
    };
    if (speed.x !== 0 || speed.y !== 0) this.#request = requestAnimationFrame(go);
  }

  stop(): void {
    cancelAnimationFrame(this.#request);
    this.#moves = [];
  }
}

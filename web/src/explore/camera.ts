import type { Frame } from './frame.ts';

/** Time in which two thirds of the way are done, ms. */
const GLIDE_MS = 65;
/** So near that it is there. */
const NEAR_PIXELS = 0.4;
const NEAR_SHARE = 0.001;

/** What is seen: on its way to a frame, softly, or there. */
export class Camera {
  #target: Frame;
  xa: number;
  ya: number;
  step: number;

  constructor(target: Frame) {
    this.#target = target;
    ({ xa: this.xa, ya: this.ya, step: this.step } = target);
  }

  get target(): Frame {
    return this.#target;
  }

  get isThere(): boolean {
    const { xa, ya, step } = this.#target;
    return this.xa === xa && this.ya === ya && this.step === step;
  }

  moveTo(frame: Frame, soft: boolean): void {
    this.#target = frame;
    if (!soft) ({ xa: this.xa, ya: this.ya, step: this.step } = frame);
  }

  /** Moves on. @param ms since the last time */
  advance(ms: number): void {
    if (this.isThere) return;
    const { xa, ya, step, width, height } = this.#target;
    // Edges and step go the same share of their ways: so the point that both frames have in the same place stays there.
    const share = 1 - Math.exp(-ms / GLIDE_MS);
    this.xa += (xa - this.xa) * share;
    this.ya += (ya - this.ya) * share;
    this.step += (step - this.step) * share;
    const off = Math.max(Math.abs(xa - this.xa), Math.abs(ya - this.ya)) / step;
    const isNear =
      Math.abs(step / this.step - 1) * Math.max(width, height) < Math.max(NEAR_PIXELS, NEAR_SHARE) && off < NEAR_PIXELS;
    if (isNear) ({ xa: this.xa, ya: this.ya, step: this.step } = this.#target);
  }
}

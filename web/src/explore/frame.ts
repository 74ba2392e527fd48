import type { Viewport } from '../../../src/domain/spec.ts';
import { ASPECT, MAX_HALF_WIDTH, type View } from './view.ts';

/*
 * Where the pixels of the window lie. Steps are whole multiples, of seven bits or so, of a power of two, and edges whole multiples of the same: then every
 * sampled point, `index · (b - a) / (count - 1) + a`, is exact however the picture is cut and moved. So what was drawn before the window was moved by
 * whole pixels is what would be drawn after it, and a tile has the bytes that the farm gives the same place of the whole picture.
 */

/** The window: column i samples xa + i · step, row j samples ya + j · step, exactly. */
export interface Frame {
  readonly xa: number;
  readonly ya: number;
  /** from one pixel to the next, across and down */
  readonly step: number;
  /** pixels, at least 2 */
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const STEP_BITS = 7;
/** Of the 53 that doubles have: two are for samples between the pixels, one is spare. */
const POINT_BITS = 50;

/** Up to here all coordinates have the same finest quantum: where there is something to see, a frame is the same whichever of its points it is made from. */
const COMMON_REACH = 8;

/** Steps and edges are whole multiples of it. @param reach the largest coordinate */
function quantumOf(step: number, reach: number): number {
  const finest = 2 ** (Math.ceil(Math.log2(Math.max(COMMON_REACH, reach))) - POINT_BITS);
  return Math.max(finest, 2 ** (Math.floor(Math.log2(step)) - STEP_BITS));
}

/** Whether doubles have no points between those of this frame: it cannot be zoomed in. */
export const isDeepest = ({ xa, ya, step }: Frame): boolean => step <= 2 * quantumOf(step, reachOf(xa, ya));

const reachOf = (x: number, y: number): number => Math.max(Math.abs(x), Math.abs(y)) + 2;

const stepPerHalfWidth = ({ width, height }: Size): number => Math.max(2 / (width - 1), 2 / ASPECT / (height - 1));

/** The frame that shows a view, as nearly as frames can. */
export function frameOf({ centre, halfWidth }: Pick<View, 'centre' | 'halfWidth'>, size: Size): Frame {
  return snap(centre.re, centre.im, Math.min(MAX_HALF_WIDTH, halfWidth) * stepPerHalfWidth(size), size);
}

/** The nearest step that there is, and what edges are multiples of. */
function stepNear(wanted: number, reach: number): { step: number; quantum: number } {
  const quantum = quantumOf(wanted, reach);
  const step = Math.max(1, Math.round(wanted / quantum)) * quantum;
  // Rounded up to the next power of two, it has the quantum of that.
  return { step, quantum: quantumOf(step, reach) };
}

/** The nearest; zero has no sign, which addresses would not keep. */
const multipleOf = (quantum: number, wanted: number): number => Math.round(wanted / quantum) * quantum + 0;

function snap(re: number, im: number, wanted: number, size: Size): Frame {
  const { step, quantum } = stepNear(wanted, reachOf(re, im));
  const edge = (centre: number, pixels: number) => multipleOf(quantum, centre - (step * (pixels - 1)) / 2);
  return { width: size.width, height: size.height, xa: edge(re, size.width), ya: edge(im, size.height), step };
}

/** Parts of the window that other things stand on, pixels from its edges. */
export interface Covered {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The frame that shows a view in the part of the window that nothing stands on. */
export function fittedFrame(view: Pick<View, 'centre' | 'halfWidth'>, size: Size, { top, right, bottom }: Covered): Frame {
  const free = { width: Math.max(64, size.width - right), height: Math.max(64, size.height - top - bottom) };
  return { ...moved(frameOf(view, free), 0, -top), width: size.width, height: size.height };
}

/** What the frame shows. frameOf leads back to the frame, exactly. */
export function placeOf(frame: Frame): Pick<View, 'centre' | 'halfWidth'> {
  const { xa, ya, step, width, height } = frame;
  const centre = { re: xa + (step * (width - 1)) / 2, im: ya + (step * (height - 1)) / 2 };
  return { centre, halfWidth: step / stepPerHalfWidth(frame) };
}

export const viewportOf = ({ xa, ya, step, width, height }: Frame): Viewport => ({
  xa,
  xb: xa + step * (width - 1),
  ya,
  yb: ya + step * (height - 1),
});

/** Moved by whole pixels. */
export const moved = (frame: Frame, dx: number, dy: number): Frame => ({
  ...frame,
  xa: frame.xa + Math.round(dx) * frame.step,
  ya: frame.ya + Math.round(dy) * frame.step,
});

/** Another size about the same centre, with the same pixels. */
export function resized(frame: Frame, size: Size): Frame {
  const dx = Math.round((frame.width - size.width) / 2);
  const dy = Math.round((frame.height - size.height) / 2);
  return { ...moved(frame, dx, dy), width: size.width, height: size.height };
}

/**
 * Nearer by a factor, so that the point under (x, y), in pixels, stays where it is as nearly as frames can. The same frame where it cannot be nearer or farther.
 */
export function zoomed(frame: Frame, factor: number, x: number, y: number): Frame {
  const { xa, ya, step, width, height } = frame;
  const widest = MAX_HALF_WIDTH * stepPerHalfWidth(frame);
  const wanted = Math.min(widest, step / factor);
  const [re, im] = [xa + x * step, ya + y * step];
  const { step: next, quantum } = stepNear(wanted, reachOf(re, im));
  const edge = (at: number, pixel: number) => multipleOf(quantum, at - pixel * next);
  return next === step ? frame : { width, height, xa: edge(re, x), ya: edge(im, y), step: next };
}

/** The frame in whole pixels of another with the same step, from its left upper pixel; null where their grids do not meet. */
export function offsetIn(frame: Frame, anchor: Pick<Frame, 'xa' | 'ya' | 'step'>): { x: number; y: number } | null {
  if (frame.step !== anchor.step) return null;
  const [x, y] = [(frame.xa - anchor.xa) / frame.step, (frame.ya - anchor.ya) / frame.step];
  return Number.isInteger(x) && Number.isInteger(y) && Math.abs(x) < 2 ** 40 && Math.abs(y) < 2 ** 40 ? { x, y } : null;
}

import type { Explorer } from './explorer.ts';
import { Fling, type Point } from './fling.ts';
import { isStill } from './still.ts';

const WHEEL_LINE_PIXELS = 33;
/** Zoomed in or out by half at so many pixels of a wheel; one notch of most mice is 100 or 120. */
const WHEEL_DOUBLING_PIXELS = 240;
const MAX_WHEEL_PIXELS = 240;
/** Pointers that move less do not drag. CSS pixels. */
const STILL_PIXELS = 4;
/** Clicks that follow each other so soon are one double click. */
const DOUBLE_MS = 260;
/** A pinch on a trackpad comes as a wheel with Ctrl, in small steps. */
const PINCH_FACTOR = 4;
const DOUBLE_ZOOM = 2.5;

interface Handlers {
  /** one click, or tap, that was no double one; CSS pixels in the canvas */
  readonly onClick: (at: Point, isTouch: boolean) => void;
  /** the mouse is there; null when it has left */
  readonly onHover: (at: Point | null) => void;
  /** a rectangle is being drawn; null when it is not any more */
  readonly onRectangle: (from: Point | null, to: Point | null) => void;
}

/** Mouse, wheel, touch, pinch and pen on the canvas. @returns what ends it */
export function listenToGestures(canvas: HTMLCanvasElement, explorer: Explorer, handlers: Handlers): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const pointers = new Map<number, Point>();
  let mode: 'none' | 'click' | 'drag' | 'pinch' | 'rectangle' = 'none';
  let start: Point = { x: 0, y: 0 };
  /** Of moves that were less than a device pixel. */
  let rest: Point = { x: 0, y: 0 };
  let lastClick = { at: start, time: -1e9 };
  let single: ReturnType<typeof setTimeout> | undefined;

  const scale = (): number => canvas.width / canvas.clientWidth;
  const placeOf = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const drag = (from: Point, to: Point): void => {
    const [dx, dy] = [(from.x - to.x) * scale() + rest.x, (from.y - to.y) * scale() + rest.y];
    rest = { x: dx - Math.round(dx), y: dy - Math.round(dy) };
    if (Math.round(dx) !== 0 || Math.round(dy) !== 0) explorer.moveBy(dx, dy, { goesOn: mode === 'pinch' });
  };
  let thrown = explorer.frame;
  const fling = new Fling((way) => {
    if (explorer.frame !== thrown) return false;
    drag({ x: 0, y: 0 }, way);
    thrown = explorer.frame;
    return true;
  });
  const zoom = (factor: number, at: Point, goesOn: boolean): void =>
    explorer.zoomBy(factor, at.x * scale(), at.y * scale(), { soft: true, goesOn });
  const endRectangle = (to: Point | null): void => {
    handlers.onRectangle(null, null);
    const [width, height] = to ? [Math.abs(to.x - start.x), Math.abs(to.y - start.y)] : [0, 0];
    if (!to || Math.min(width, height) < 2 * STILL_PIXELS) return;
    const by = scale();
    explorer.zoomTo(Math.min(start.x, to.x) * by, Math.min(start.y, to.y) * by, width * by, height * by);
  };

  const onDown = (event: PointerEvent): void => {
    fling.stop();
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const at = placeOf(event);
    pointers.set(event.pointerId, at);
    if (pointers.size === 1) {
      [start, rest] = [at, { x: 0, y: 0 }];
      mode = event.shiftKey ? 'rectangle' : 'click';
    } else mode = 'pinch';
  };
  const onMove = (event: PointerEvent): void => {
    const at = placeOf(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === 'mouse') handlers.onHover(at);
      return;
    }
    if (mode === 'click' && Math.hypot(at.x - start.x, at.y - start.y) > STILL_PIXELS) {
      mode = 'drag';
      canvas.dataset.dragging = '';
      handlers.onHover(null);
      drag(start, at);
    } else if (mode === 'drag') drag(before, at);
    if (mode === 'drag') fling.note(at, event.timeStamp);
    else if (mode === 'rectangle') handlers.onRectangle(start, at);
    if (mode === 'pinch') pinch(event.pointerId, before, at);
    if (mode !== 'click') pointers.set(event.pointerId, at);
  };
  /** One of two fingers has moved: the middle between them drags, their distance zooms. */
  const pinch = (id: number, before: Point, at: Point): void => {
    const other = [...pointers].find(([each]) => each !== id)?.[1];
    if (!other) return;
    const [from, to] = [middle(before, other), middle(at, other)];
    drag(from, to);
    const factor = Math.hypot(at.x - other.x, at.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    pinched *= factor;
    // Frames have steps of a percent or so: smaller ones wait until they are worth it.
    if (Math.abs(Math.log(pinched)) < 0.012) return;
    zoom(pinched, to, true);
    pinched = 1;
  };
  let pinched = 1;
  const onUp = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    const at = placeOf(event);
    delete canvas.dataset.dragging;
    if (mode === 'rectangle') endRectangle(event.type === 'pointerup' ? at : null);
    if (mode === 'click' && event.type === 'pointerup') click(at, event);
    if (mode === 'drag' && event.type === 'pointerup' && !isStill()) {
      thrown = explorer.frame;
      fling.throw(event.timeStamp);
    }
    pinched = 1;
    // The finger that stays goes on dragging.
    mode = mode === 'pinch' && pointers.size === 1 ? 'drag' : pointers.size === 0 ? 'none' : mode;
  };
  const click = (at: Point, { timeStamp, pointerType }: PointerEvent): void => {
    const isDouble = timeStamp - lastClick.time < DOUBLE_MS && Math.hypot(at.x - lastClick.at.x, at.y - lastClick.at.y) < 24;
    lastClick = { at, time: isDouble ? -1e9 : timeStamp };
    clearTimeout(single);
    if (isDouble) zoom(DOUBLE_ZOOM, at, false);
    else single = setTimeout(() => handlers.onClick(at, pointerType !== 'mouse'), DOUBLE_MS);
  };
  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    fling.stop();
    const unit = [1, WHEEL_LINE_PIXELS, canvas.clientHeight][event.deltaMode] ?? 1;
    const pixels = Math.max(
      -MAX_WHEEL_PIXELS,
      Math.min(MAX_WHEEL_PIXELS, event.deltaY * unit * (event.ctrlKey ? PINCH_FACTOR : 1)),
    );
    wheeled += pixels;
    // Trackpads send many small ones: what is less than a step of frames waits.
    if (Math.abs(wheeled) < 3) return;
    zoom(2 ** (-wheeled / WHEEL_DOUBLING_PIXELS), placeOf(event), true);
    wheeled = 0;
  };
  let wheeled = 0;

  canvas.addEventListener('pointerdown', onDown, { signal });
  canvas.addEventListener('pointermove', onMove, { signal });
  canvas.addEventListener('pointerup', onUp, { signal });
  canvas.addEventListener('pointercancel', onUp, { signal });
  canvas.addEventListener('pointerleave', () => handlers.onHover(null), { signal });
  canvas.addEventListener('wheel', onWheel, { signal, passive: false });
  return () => {
    clearTimeout(single);
    fling.stop();
    stop.abort();
  };
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

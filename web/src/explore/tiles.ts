import type { Viewport } from '../../../src/domain/spec.ts';
import type { Crew } from './crew.ts';
import { type Frame, moved, offsetIn, viewportOf } from './frame.ts';
import { coloursOf, specOf, type View } from './view.ts';

/** Points a pixel, across and down, when all is at rest. */
export const FINE_SAMPLES = 2;
/** Tiles out of sight that are kept for coming back. */
const SPARE_TILES = 48;

interface Tile {
  readonly key: string;
  /** from the anchor's left upper pixel, in tiles */
  readonly x: number;
  readonly y: number;
  image: ImageBitmap | null;
  /** 0 until it is drawn */
  samples: number;
  /** the number of the colours that it has */
  colours: number;
  /** the worker that has its counts */
  hand: number | null;
  job: { readonly samples: number; readonly cancel: () => void } | null;
}

/**
 * The pieces of the sharp picture, on a grid that is fixed to the plane while the window moves by whole pixels. Each is drawn once, then once more with more samples;
 * its worker keeps its counts and colours it again.
 */
export class Tiles {
  readonly #crew: Crew;
  readonly #side: number;
  #tiles = new Map<string, Tile>();
  #generation = 0;
  #colours = 0;
  #view: View | null = null;
  #anchor: Frame | null = null;
  #frame: Frame | null = null;
  #whole: Viewport | null = null;
  #isResting = false;

  /** called when there is something new to see */
  onChange: () => void = () => undefined;

  constructor(crew: Crew) {
    this.#crew = crew;
    // Many workers share a picture evenly only in many pieces.
    this.#side = crew.size > 4 ? 128 : 256;
  }

  get isResting(): boolean {
    return this.#isResting;
  }

  /** Whether anything of the picture is there. */
  get hasAny(): boolean {
    return this.#visible().some(({ image }) => image !== null);
  }

  /** How far all that is in the window has come: 0, 1 or FINE_SAMPLES. */
  get samples(): number {
    const visible = this.#visible();
    const fresh = visible.map(({ samples, colours }) => (colours === this.#colours ? samples : 0));
    return visible.length === 0 ? 0 : Math.min(...fresh);
  }

  /** Whether every place of the window has been drawn, be it in other colours. */
  get isWhole(): boolean {
    const visible = this.#visible();
    return visible.length > 0 && visible.every(({ image }) => image !== null);
  }

  /** Whether this frame's pixels are those of the tiles. */
  fits(frame: Frame): boolean {
    return this.#anchor !== null && offsetIn(frame, this.#anchor) !== null;
  }

  /** Begins another picture. */
  start(view: View, frame: Frame): void {
    this.clear();
    this.#view = view;
    this.#anchor = frame;
    this.show(frame);
  }

  clear(): void {
    for (const tile of this.#tiles.values()) discard(tile);
    this.#tiles.clear();
    this.#crew.dropAll();
    this.#generation++;
    this.#anchor = null;
    this.#frame = null;
  }

  /** Moves the window; it must fit. */
  show(frame: Frame): void {
    this.#frame = frame;
    this.#whole = viewportOf(frame);
    const wanted = new Set(this.#visible(true).map(({ key }) => key));
    let spare = this.#tiles.size - wanted.size;
    for (const tile of this.#tiles.values()) {
      if (wanted.has(tile.key)) continue;
      const isUnfinished = tile.image === null;
      if (!isUnfinished && spare <= SPARE_TILES) continue;
      spare--;
      discard(tile);
      if (tile.hand !== null) this.#crew.drop(tile.hand, [tile.key]);
      this.#tiles.delete(tile.key);
    }
    this.pump();
  }

  /** The same counts in other colours. */
  recolour(view: View): void {
    this.#view = view;
    this.#colours++;
    this.pump();
  }

  /** Whether finer pictures may be begun; those in work end when not. */
  rest(isResting: boolean): void {
    if (this.#isResting === isResting) return;
    this.#isResting = isResting;
    if (isResting) this.pump();
    else for (const { job } of this.#tiles.values()) if (job?.samples === FINE_SAMPLES) job.cancel();
  }

  /** Draws what is there, moved by a fraction of the way that the camera still has to go. */
  paint(context: CanvasRenderingContext2D, { xa, ya }: { readonly xa: number; readonly ya: number }): void {
    const anchor = this.#anchor;
    if (!anchor) return;
    const left = Math.round((xa - anchor.xa) / anchor.step);
    const top = Math.round((ya - anchor.ya) / anchor.step);
    const { width, height } = context.canvas;
    for (const { image, x, y } of this.#tiles.values()) {
      const [at, down] = [x * this.#side - left, y * this.#side - top];
      if (image && at < width && down < height && at + this.#side > 0 && down + this.#side > 0) {
        context.drawImage(image, at, down);
      }
    }
  }

  /** Gives work to whoever has none. */
  pump(): void {
    for (let hand = 0; hand < this.#crew.size; hand++) {
      while (this.#crew.isFree(hand)) if (!this.#giveNext(hand)) break;
    }
  }

  /** Old colours first, then what is missing, from the middle, and last what could be finer. @returns whether there was anything */
  #giveNext(hand: number): boolean {
    const visible = this.#visible();
    if (visible.length === 0) return false;
    const idle = visible.filter(({ job }) => job === null);
    const stale = idle.find((tile) => tile.hand === hand && tile.samples > 0 && tile.colours !== this.#colours);
    if (stale) {
      this.#colour(stale, hand);
      return true;
    }
    const missing = nearest(
      idle.filter(({ samples }) => samples === 0),
      this.#middle(),
    );
    if (missing) {
      this.#draw(missing, hand, 1);
      return true;
    }
    if (!this.#isResting || visible.some(({ samples, job }) => samples === 0 || job?.samples === 1)) return false;
    const coarser = nearest(
      idle.filter(({ samples, colours }) => samples < FINE_SAMPLES && colours === this.#colours),
      this.#middle(),
    );
    if (coarser) this.#draw(coarser, hand, FINE_SAMPLES);
    return coarser !== undefined;
  }

  #draw(tile: Tile, hand: number, samples: number): void {
    const [view, anchor, whole, colours] = [this.#view!, this.#anchor!, this.#whole!, this.#colours];
    const side = this.#side;
    const piece = { ...moved(anchor, tile.x * side, tile.y * side), width: side, height: side };
    const spec = specOf(view, viewportOf(piece), { width: side, height: side, samples });
    if (tile.hand !== null && tile.hand !== hand) this.#crew.drop(tile.hand, [tile.key]);
    const cancel = this.#crew.give(hand, { kind: 'draw', spec, whole, key: tile.key }, ({ image, error }) => {
      tile.job = null;
      // What cannot be drawn is not tried for ever.
      if (error !== undefined) tile.samples = FINE_SAMPLES;
      this.#take(tile, image, { samples, colours });
    });
    tile.hand = hand;
    tile.job = { samples, cancel };
  }

  #colour(tile: Tile, hand: number): void {
    const [view, colours, samples] = [this.#view!, this.#colours, tile.samples];
    const cancel = this.#crew.give(hand, { kind: 'colour', key: tile.key, colours: coloursOf(view) }, ({ image }) => {
      tile.job = null;
      // What could not be kept is drawn anew.
      if (!image && this.#tiles.get(tile.key) === tile) tile.samples = 0;
      this.#take(tile, image, { samples, colours });
    });
    tile.job = { samples: 0, cancel };
  }

  #take(tile: Tile, image: ImageBitmap | null, { samples, colours }: { samples: number; colours: number }): void {
    if (!image) return;
    if (this.#tiles.get(tile.key) !== tile) {
      image.close();
      return;
    }
    tile.image?.close();
    Object.assign(tile, { image, samples, colours });
    this.onChange();
  }

  /** The tiles of the window. @param make those that are not there yet */
  #visible(make = false): Tile[] {
    const offset = this.#frame && this.#anchor && offsetIn(this.#frame, this.#anchor);
    if (!offset || !this.#frame) return [];
    const side = this.#side;
    const tiles: Tile[] = [];
    for (let y = Math.floor(offset.y / side); y * side < offset.y + this.#frame.height; y++) {
      for (let x = Math.floor(offset.x / side); x * side < offset.x + this.#frame.width; x++) {
        const tile = this.#tiles.get(this.#keyOf(x, y)) ?? (make ? this.#make(x, y) : undefined);
        if (tile) tiles.push(tile);
      }
    }
    return tiles;
  }

  #keyOf = (x: number, y: number): string => `${this.#generation}/${x}/${y}`;

  #make(x: number, y: number): Tile {
    const tile = { key: this.#keyOf(x, y), x, y, image: null, samples: 0, colours: this.#colours, hand: null, job: null };
    this.#tiles.set(tile.key, tile);
    return tile;
  }

  /** Of the window, in tiles. */
  #middle(): { x: number; y: number } {
    const { x, y } = offsetIn(this.#frame!, this.#anchor!)!;
    return { x: (x + this.#frame!.width / 2) / this.#side - 0.5, y: (y + this.#frame!.height / 2) / this.#side - 0.5 };
  }
}

function discard({ image, job }: Tile): void {
  job?.cancel();
  image?.close();
}

function nearest(tiles: readonly Tile[], to: { x: number; y: number }): Tile | undefined {
  const distance = ({ x, y }: Tile): number => (x - to.x) ** 2 + (y - to.y) ** 2;
  return tiles.reduce<Tile | undefined>((best, tile) => (best && distance(best) <= distance(tile) ? best : tile), undefined);
}

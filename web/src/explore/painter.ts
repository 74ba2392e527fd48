import type { Spec, Viewport } from '../../../src/domain/spec.ts';
import type { Grid } from '../../../src/kernel/kernel.ts';
import { Crew } from './crew.ts';

/** Workers that nobody has needed for so long are let go: each has a kernel's memory. */
const IDLE_MS = 30_000;
/** In each worker's hands: one in work and one that waits. */
const IN_HAND = 2;

export interface Painting {
  /** null when it was cancelled, or cannot be drawn */
  readonly image: Promise<ImageBitmap | null>;
  readonly cancel: () => void;
}

interface Job {
  readonly spec: Spec;
  readonly whole: Viewport;
  readonly grid: Grid | undefined;
  readonly done: (image: ImageBitmap | null) => void;
  isCancelled: boolean;
  stop?: () => void;
}

/** Draws pictures of at most 2^18 pixels with the farm's own kernel, for whoever asks; what was asked for last comes first. */
class Painter {
  #crew: Crew | null = null;
  readonly #waiting: Job[] = [];
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** jobs of each worker */
  #inHand: number[] = [];

  /**
   * @param whole the window of the picture of which it is a piece; its own by default
   * @param grid where in that picture, where the piece is to have the bytes that it has there
   */
  paint(spec: Spec, whole: Viewport = spec.viewport, grid?: Grid): Painting {
    let job: Job;
    const image = new Promise<ImageBitmap | null>((done) => {
      job = { spec, whole, grid, done, isCancelled: false };
      this.#waiting.push(job);
    });
    this.#pump();
    const cancel = (): void => {
      if (job.isCancelled) return;
      job.isCancelled = true;
      job.stop?.();
      job.done(null);
    };
    return { image, cancel };
  }

  #pump(): void {
    clearTimeout(this.#idle);
    this.#crew ??= this.#hire();
    const crew = this.#crew;
    for (let hand = 0; hand < crew.size; hand++) {
      while ((this.#inHand[hand] ?? 0) < IN_HAND) {
        const job = this.#waiting.pop();
        if (!job) {
          if (!this.#inHand.some((jobs) => jobs > 0)) this.#idle = setTimeout(() => this.#dismiss(), IDLE_MS);
          return;
        }
        if (!job.isCancelled) this.#give(crew, hand, job);
      }
    }
  }

  #hire(): Crew {
    this.#inHand = [];
    return new Crew();
  }

  #dismiss(): void {
    this.#crew?.dismiss();
    this.#crew = null;
  }

  #give(crew: Crew, hand: number, job: Job): void {
    this.#inHand[hand] = (this.#inHand[hand] ?? 0) + 1;
    const end = (image: ImageBitmap | null): void => {
      this.#inHand[hand]!--;
      if (job.isCancelled) image?.close();
      else job.done(image);
      this.#pump();
    };
    const { spec, whole, grid } = job;
    void crew.prepare(spec).then(
      () => {
        job.stop = crew.give(hand, { kind: 'draw', spec, whole, grid, key: null }, ({ image }) => end(image));
        if (job.isCancelled) job.stop();
      },
      () => end(null),
    );
  }
}

export const painter = new Painter();

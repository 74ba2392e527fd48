import type { Crew } from './crew.ts';
import { frameOf, type Size, viewportOf } from './frame.ts';
import { specOf, type View } from './view.ts';

interface Sketch {
  readonly view: View;
  readonly size: Size;
  readonly done: (image: ImageBitmap | null) => void;
}

/** Small pictures beside the large one: of presets, of places, of the Julia set under the pointer. */
export class Sketches {
  readonly #crew: Crew;
  readonly #mayBegin: () => boolean;
  readonly #waiting: Sketch[] = [];
  #urgent: Sketch | null = null;
  #isUrgentInWork = false;

  /** @param mayBegin whether the large picture is far enough */
  constructor(crew: Crew, mayBegin: () => boolean) {
    this.#crew = crew;
    this.#mayBegin = mayBegin;
  }

  /** Drawn when nobody has anything better to do. */
  draw(view: View, size: Size): Promise<ImageBitmap | null> {
    return new Promise((done) => {
      this.#waiting.push({ view, size, done });
      this.pump();
    });
  }

  /** Drawn at once, unless another comes meanwhile: then it is null. */
  drawNow(view: View, size: Size): Promise<ImageBitmap | null> {
    return new Promise((done) => {
      this.#urgent?.done(null);
      this.#urgent = { view, size, done };
      this.#pumpUrgent();
    });
  }

  pump(): void {
    this.#pumpUrgent();
    if (!this.#mayBegin()) return;
    for (let hand = 0; hand < this.#crew.size; hand++) {
      while (this.#crew.isFree(hand)) {
        const sketch = this.#waiting.shift();
        if (!sketch) return;
        void this.#give(hand, sketch);
      }
    }
  }

  #pumpUrgent(): void {
    const sketch = this.#urgent;
    if (!sketch || this.#isUrgentInWork) return;
    // Everybody's hands may be full: one more does no harm, and comes right after what is in work.
    const hands = Array.from({ length: this.#crew.size }, (_, hand) => hand);
    const hand = hands.find((each) => this.#crew.isFree(each)) ?? hands.find((each) => this.#crew.isFree(each, true));
    if (hand === undefined) return;
    this.#urgent = null;
    this.#isUrgentInWork = true;
    void this.#give(hand, sketch).then(() => {
      this.#isUrgentInWork = false;
      this.#pumpUrgent();
    });
  }

  async #give(hand: number, { view, size, done }: Sketch): Promise<void> {
    const viewport = viewportOf(frameOf(view, size));
    const spec = specOf(view, viewport, { ...size, samples: 1 });
    const image = await this.#crew
      .prepare(spec)
      .then(
        () =>
          new Promise<ImageBitmap | null>((answered) => {
            this.#crew.give(hand, { kind: 'draw', spec, whole: viewport, key: null }, (answer) => answered(answer.image));
          }),
      )
      .catch(() => null);
    done(image);
  }
}

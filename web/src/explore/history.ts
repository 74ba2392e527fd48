import { signal } from '@preact/signals';
import type { View } from './view.ts';
import { queryOf } from './view-text.ts';

const MAX_STEPS = 200;

/** Views that one rested at, one after the other, and the address of the page. */
export class Steps {
  readonly canUndo = signal(false);
  readonly canRedo = signal(false);
  #steps: View[];
  #at = 0;

  constructor(first: View) {
    this.#steps = [first];
  }

  /** A view at rest. The same as the last one is no step. */
  note(view: View): void {
    history.replaceState(history.state, '', `/explore?${queryOf(view)}`);
    if (queryOf(view) === queryOf(this.#steps[this.#at]!)) return;
    this.#steps = [...this.#steps.slice(0, this.#at + 1), view].slice(-MAX_STEPS);
    this.#at = this.#steps.length - 1;
    this.#tell();
  }

  undo(): View | null {
    return this.#go(-1);
  }

  redo(): View | null {
    return this.#go(1);
  }

  /** Gives the address of before an entry of its own in the browser's history, so that Back leads there. */
  static leave(from: View): void {
    history.replaceState(history.state, '', `/explore?${queryOf(from)}`);
    history.pushState({}, '', `/explore?${queryOf(from)}`);
  }

  #go(by: number): View | null {
    const view = this.#steps[this.#at + by];
    if (!view) return null;
    this.#at += by;
    this.#tell();
    return view;
  }

  #tell(): void {
    this.canUndo.value = this.#at > 0;
    this.canRedo.value = this.#at < this.#steps.length - 1;
  }
}

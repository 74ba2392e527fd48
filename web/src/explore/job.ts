import type { Spec, Viewport } from '../../../src/domain/spec.ts';
import type { Gradients, Grid } from '../../../src/kernel/kernel.ts';
import type { Colours } from './view.ts';

/* What the page and its workers say to each other. */

/** Draw a picture: a tile, a coarse picture, a thumbnail. */
export interface DrawJob {
  readonly kind: 'draw';
  readonly id: number;
  readonly spec: Spec;
  /** the window of the whole picture, where the spec is a piece of it */
  readonly whole: Viewport;
  /** where in the whole picture the piece lies, where it is to have the bytes that it has there */
  readonly grid?: Grid | undefined;
  /** under which its counts are kept, so that it can be coloured again; null when they are not */
  readonly key: string | null;
}

/** Colour again what was kept. */
export interface ColourJob {
  readonly kind: 'colour';
  readonly id: number;
  readonly key: string;
  readonly colours: Colours;
}

export type ToWorker =
  | {
      readonly kind: 'modules';
      readonly modules: Readonly<Record<string, WebAssembly.Module>>;
      readonly gradients?: Gradients | undefined;
    }
  | DrawJob
  | ColourJob
  /** what is in work or waits is wanted no more */
  | { readonly kind: 'cancel'; readonly ids: readonly number[] }
  /** forget what was kept; all of it without keys */
  | { readonly kind: 'drop'; readonly keys: readonly string[] | null };

/** The answer to each job. */
export interface Answer {
  readonly id: number;
  /** null when it was cancelled, or nothing was kept to colour */
  readonly image: ImageBitmap | null;
  /** milliseconds of work */
  readonly ms: number;
  /** why it could not be drawn */
  readonly error?: string;
}

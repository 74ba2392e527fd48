/** States of a fractal, in the order of a good life. */
export const FRACTAL_STATES = ['queued', 'rendering', 'assembling', 'done', 'failed', 'cancelled'] as const;
export type FractalState = (typeof FRACTAL_STATES)[number];

/** States of a band. Bands exist only while their fractal is unfinished. */
export const BAND_STATES = ['waiting', 'leased', 'done'] as const;
export type BandState = (typeof BAND_STATES)[number];

/** Who may move a fractal where. A move that is not here is refused by every repository. */
export const FRACTAL_MOVES: Readonly<Record<FractalState, readonly FractalState[]>> = {
  queued: ['rendering', 'cancelled', 'failed'], // claim-band, cancel-fractal; failed when it must have old bytes and the engine is gone
  rendering: ['assembling', 'done', 'failed', 'cancelled', 'queued'], // accept-band (done: its only band), fail-band, cancel-fractal, redraw after an upgrade
  assembling: ['done', 'queued', 'cancelled', 'failed'], // assemble-fractal; queued when a stored band turns out damaged, failed when it must have other bytes
  done: ['queued', 'failed'], // redraw-fractal: its stored picture turned out damaged; failed when its engine is gone
  failed: ['queued'], // retry-fractal
  cancelled: [],
};

const FINAL_STATES: readonly FractalState[] = ['done', 'failed', 'cancelled'];

/** States in which nothing more happens by itself. */
export const isFinal = (state: FractalState): boolean => FINAL_STATES.includes(state);

/** The states from which `to` may be reached. */
export function statesBefore(to: FractalState): FractalState[] {
  return FRACTAL_STATES.filter((from) => FRACTAL_MOVES[from].includes(to));
}

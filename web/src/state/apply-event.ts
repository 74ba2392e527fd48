import type { Fractal } from '../api/client.ts';
import type { LiveEvent } from '../api/live.ts';

/** The fractal after an event; `reload` when the event does not carry all that changed. */
export function applyToFractal<T extends Fractal>(event: LiveEvent, fractal: T): T | 'reload' {
  if (event.type === 'resync') return 'reload';
  if (event.uuid !== fractal.uuid) return fractal;
  // A failed one that is drawn again has lost its reason, which no event tells.
  if (event.type !== 'progress' || event.state === null || fractal.state === 'failed') return 'reload';
  return { ...fractal, state: event.state, progress: event.progress };
}

import type { Fractal } from '../api/client.ts';
import { stateName } from '../format.ts';

/** Says in a word what is up with a fractal; nothing for finished ones, whose picture says it. */
export function StateBadge({ state }: { state: Fractal['state'] }) {
  return state === 'done' ? null : <span class={`badge ${state}`}>{stateName(state)}</span>;
}

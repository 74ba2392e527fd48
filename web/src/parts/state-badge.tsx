import type { Fractal } from '../api/client.ts';

const WORDS = {
  queued: 'Waiting',
  rendering: 'Drawing',
  assembling: 'Finishing',
  failed: 'Failed',
  cancelled: 'Cancelled',
} as const;

/** Says in a word what is up with a fractal; nothing for finished ones, whose picture says it. */
export function StateBadge({ state }: { state: Fractal['state'] }) {
  return state === 'done' ? null : <span class={`badge ${state}`}>{WORDS[state]}</span>;
}

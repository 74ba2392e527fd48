import type { Covered } from './frame.ts';

const NARROW = '(max-width: 760px)';
/** CSS pixels; explore.css. */
const HEADER = 60;
const PANEL = 328;

/** Whether there is no room for the panel beside the picture. */
export const isNarrow = (): boolean => matchMedia(NARROW).matches;

/** What stands on the picture. @param ratio device pixels a CSS pixel @returns device pixels */
export function coveredAt(ratio: number, isPanelOpen = !isNarrow()): Covered {
  if (isNarrow()) return { top: HEADER * ratio, right: 0, bottom: 2 * HEADER * ratio };
  return { top: HEADER * ratio, right: isPanelOpen ? PANEL * ratio : 0, bottom: 0 };
}

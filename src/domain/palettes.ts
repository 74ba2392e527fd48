/**
 * How escape counts become colours. `classic` is the documented palette of 32 colours, one per count; the others are smooth: a gradient
 * over the continuous escape count.
 */
export const PALETTES = [
  'classic',
  'ember',
  'lagoon',
  'aurora',
  'twilight',
  'orchid',
  'forest',
  'sepia',
  'viridis',
  'magma',
] as const;
export type Palette = (typeof PALETTES)[number];

/** Whether a palette colours the continuous escape count. */
export const isSmooth = (palette: Palette): boolean => palette !== 'classic';

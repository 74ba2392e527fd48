interface PaletteFacts {
  readonly title: string;
  /** whether its end meets its beginning; the others run back and forth */
  readonly cyclic: boolean;
}

/**
 * How escape counts become colours. `classic` is the documented palette of 32 colours, one per count; the others are smooth: a gradient
 * over the continuous escape count.
 */
export const PALETTE_TABLE = {
  classic: { title: 'The documented 32 colours', cyclic: true },
  ember: { title: 'Glowing coals', cyclic: true },
  lagoon: { title: 'Deep water to foam', cyclic: true },
  aurora: { title: 'Night sky with northern lights', cyclic: true },
  twilight: { title: 'Dusk and dawn', cyclic: true },
  orchid: { title: 'Plum, rose and lilac', cyclic: true },
  forest: { title: 'Moss, meadow and bark', cyclic: true },
  sepia: { title: 'Old photographs', cyclic: false },
  viridis: { title: 'Violet to yellow, even in lightness', cyclic: false },
  magma: { title: 'Black to pale fire, even in lightness', cyclic: false },
} as const satisfies Record<string, PaletteFacts>;

export type Palette = keyof typeof PALETTE_TABLE;
export const PALETTES = Object.keys(PALETTE_TABLE) as [Palette, ...Palette[]];

/** Whether a palette colours the continuous escape count. */
export const isSmooth = (palette: Palette): boolean => palette !== 'classic';

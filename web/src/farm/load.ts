/** The mosaic of who drew which bands of a finished picture. */
export const loadDrawn = () => import('./drawn.tsx');
/** The farm's own script and styles; the rest of the page does without them. */
export const loadFarm = () => import('./page.tsx');

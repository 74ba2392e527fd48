/** The farm's own script and styles; the rest of the page does without them. */
export const loadFarm = () => import('./page.tsx');

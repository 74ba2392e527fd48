/** The explorer's own script; the rest of the page does without it. */
export const loadExplorer = () => import('./page.tsx');

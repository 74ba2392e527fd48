/** How often a tab says that it is still there. */
export const SAY_HERE_MS = 20_000;

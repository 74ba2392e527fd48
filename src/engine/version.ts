/** Raised whenever the bytes of any picture change: bands of one picture are drawn by engines of one version only. */
export const ENGINE_VERSION = '4';

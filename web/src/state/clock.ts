import { signal } from '@preact/signals';

/** Milliseconds since 1970, moving on every 15 s: enough for "3 minutes ago". */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 15_000);

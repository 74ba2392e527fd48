import { signal } from '@preact/signals';

const SHOWN_MS = 5_000;

/** A short message about something that was just done; null when there is none. */
export const notice = signal<string | null>(null);
let fading: ReturnType<typeof setTimeout> | undefined;

export function showNotice(text: string): void {
  clearTimeout(fading);
  notice.value = text;
  fading = setTimeout(() => {
    notice.value = null;
  }, SHOWN_MS);
}

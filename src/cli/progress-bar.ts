const WIDTH = 30;
const REDRAW_MS = 50;

/** One line on a terminal's stderr that is drawn over and over; nothing at all elsewhere. */
export class ProgressBar implements Disposable {
  readonly #visible = process.stderr.isTTY === true;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawn = false;

  /** @param share 0..1 @param text what to say beside the bar */
  show(share: number, text: string): void {
    const now = performance.now();
    if (!this.#visible || (now - this.#drawnAt < REDRAW_MS && share < 1)) return;
    this.#drawnAt = now;
    this.#drawn = true;
    process.stderr.write(`\r${formatBar(share, text).slice(0, Math.max(20, process.stderr.columns - 1))}\x1b[K`);
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[K');
    this.#drawn = false;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}

/** `[###############---------------]  50 %  3 of 6` */
export function formatBar(share: number, text: string): string {
  const filled = Math.floor(Math.min(1, Math.max(0, share)) * WIDTH);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${percent} %  ${text}`;
}

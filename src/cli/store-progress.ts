import { formatAmount, formatSpan } from './format-amount.ts';
import { ProgressBar } from './progress-bar.ts';

/** Where there is no terminal: a line now and then. */
const LINE_MS = 10_000;

/** How far one is through all fractals, how fast, and for how long yet. */
export class StoreProgress implements Disposable {
  readonly #total: number;
  readonly #bar = new ProgressBar();
  readonly #start = performance.now();
  #fractals = 0;
  #bytes = 0;
  #saidAt = performance.now();

  constructor(total: number) {
    this.#total = total;
  }

  bytes(count: number): void {
    this.#bytes += count;
    this.#show();
  }

  fractals(count: number): void {
    this.#fractals += count;
    this.#show();
  }

  /** `12.3 MB in 4 s` */
  summary(): string {
    return `${formatAmount(this.#bytes)}B in ${formatSpan(this.#seconds())}`;
  }

  clear(): void {
    this.#bar.clear();
  }

  [Symbol.dispose](): void {
    this.#bar.clear();
  }

  #seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  #show(): void {
    const share = this.#total === 0 ? 1 : Math.min(1, this.#fractals / this.#total);
    const seconds = this.#seconds();
    const left = share > 0 ? `, ${formatSpan((seconds * (1 - share)) / share)} left` : '';
    const text = `${this.#fractals} of ${this.#total} fractals, ${formatAmount(this.#bytes / Math.max(seconds, 0.001))}B/s${left}`;
    this.#bar.show(share, text);
    if (process.stderr.isTTY === true || performance.now() - this.#saidAt < LINE_MS) return;
    this.#saidAt = performance.now();
    process.stderr.write(`${text}\n`);
  }
}

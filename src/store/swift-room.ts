import type { SwiftContainer } from './swift-container.ts';

/** Asked with every order: an answer is believed that long. */
const BELIEVED_MS = 5_000;

type Space = { readonly freeBytes: number; readonly totalBytes: number };

/** What the quotas of the account and of both containers leave, the least of them. Who has no quota is told nothing: Swift tells nobody how large its disks are. */
export class SwiftRoom {
  readonly #container: SwiftContainer;
  #space: Promise<Space | null> | null = null;
  #askedAt = 0;
  #fullUntil = 0;

  constructor(container: SwiftContainer) {
    this.#container = container;
  }

  /** @throws {Fault} `unavailable` */
  space(): Promise<Space | null> {
    const now = performance.now();
    if (!this.#space || now - this.#askedAt > BELIEVED_MS) {
      this.#askedAt = now;
      this.#space = this.#ask();
      this.#space.catch(() => this.forget());
    }
    return this.#space;
  }

  /** Something was removed: there is more room. */
  forget(): void {
    this.#space = null;
    this.#fullUntil = 0;
  }

  /** Something did not fit, whatever was said of the room: what is used is counted late. */
  overflow(): void {
    this.#space = null;
    this.#fullUntil = performance.now() + BELIEVED_MS;
  }

  get isFull(): boolean {
    return performance.now() < this.#fullUntil;
  }

  async #ask(): Promise<Space | null> {
    const { path, segmentsPath } = this.#container;
    const found = await Promise.all([this.#of('', 'account'), this.#of(path, 'container'), this.#of(segmentsPath, 'container')]);
    return found.reduce((least, each) => (each && (!least || each.freeBytes < least.freeBytes) ? each : least), null);
  }

  async #of(path: string, kind: 'account' | 'container'): Promise<Space | null> {
    // Who may use a container need not be let into its account.
    const { status, headers } = await this.#container.call({ method: 'HEAD', path, expected: [200, 204, 403] });
    const quota = headers[`x-${kind}-meta-quota-bytes`];
    if (status === 403 || !quota) return null;
    const [totalBytes, used] = [Number(quota), Number(headers[`x-${kind}-bytes-used`] ?? 0)];
    return { totalBytes, freeBytes: Math.max(0, totalBytes - used) };
  }
}

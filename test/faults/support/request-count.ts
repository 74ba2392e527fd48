import type { FaultProxy } from './fault-proxy.ts';

/** Counts the requests of one kind that go over links, until it is disposed of. */
export class RequestCount implements Disposable {
  readonly #links: readonly FaultProxy[];
  /** of each request, seconds of performance.now() */
  readonly #seconds: number[] = [];

  /** @param request its beginning, such as `POST /v1/fractal` */
  constructor(links: readonly FaultProxy[], request: string) {
    this.#links = links;
    for (const link of links) {
      link.watch((piece, to) => {
        if (to === 'server' && piece.toString('latin1').startsWith(`${request} `)) {
          this.#seconds.push(Math.floor(performance.now() / 1000));
        }
        return 'pass';
      });
    }
  }

  get total(): number {
    return this.#seconds.length;
  }

  get mostInASecond(): number {
    const counts = Map.groupBy(this.#seconds, (second) => second).values();
    return Math.max(0, ...[...counts].map(({ length }) => length));
  }

  [Symbol.dispose](): void {
    for (const link of this.#links) link.watch(null);
  }
}

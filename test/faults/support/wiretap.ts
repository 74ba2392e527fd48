import type { FaultProxy } from './fault-proxy.ts';

/** Keeps what goes over links, each direction of each conversation in one piece, so that nothing hides where two pieces meet. */
export class Wiretap implements Disposable {
  readonly #links: readonly FaultProxy[];
  readonly #kept: Buffer[][] = [];

  /** @param directions those that are listened to */
  constructor(links: readonly FaultProxy[], directions: readonly ('server' | 'client')[]) {
    this.#links = links;
    for (const link of links) {
      const conversations = new WeakMap<object, Record<'server' | 'client', Buffer[]>>();
      link.watch((piece, to, conversation) => {
        let kept = conversations.get(conversation);
        if (!kept) {
          kept = { server: [], client: [] };
          conversations.set(conversation, kept);
          for (const direction of directions) this.#kept.push(kept[direction]);
        }
        if (directions.includes(to)) kept[to].push(piece);
        return 'pass';
      });
    }
  }

  /** All that was said, one entry for each conversation and direction. */
  get said(): Buffer[] {
    return this.#kept.map((pieces) => Buffer.concat(pieces));
  }

  [Symbol.dispose](): void {
    for (const link of this.#links) link.watch(null);
  }
}

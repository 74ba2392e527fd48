import { createServer, type Server, Socket } from 'node:net';
import { freePort } from '../../support/servers/processes.ts';

/**
 * What happens to a piece of a conversation: it goes on; it goes no further but the connection stays; or the connection is reset, or lost: it stays open at
 * both ends, and nothing goes through it ever again.
 */
export type Verdict = 'pass' | 'swallow' | 'reset' | 'lose';
/** @param conversation the same object for all pieces of one connection */
export type Watcher = (piece: Buffer, to: 'server' | 'client', conversation: object) => Verdict | Promise<Verdict>;

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  isLost: boolean;
}

/**
 * A TCP link between two parts of a farm that can be slowed, silenced and broken, or cut at the very byte. Everything that knows the server knows it
 * under `port` of 127.0.0.1.
 */
export class FaultProxy implements AsyncDisposable {
  readonly port: number;
  readonly #target: () => number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #silent = false;
  #refusing = false;
  #watch: Watcher | null = null;
  /** milliseconds that each piece waits */
  delayMs = 0;
  /** bytes a second in each direction; 0 means no limit */
  rate = 0;

  private constructor(port: number, target: () => number) {
    this.port = port;
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: false }, (near) => this.#join(near));
  }

  /**
   * @param target the port of 127.0.0.1 behind it
   * @param host the address of this machine at which it listens
   */
  static async open(target: () => number, host = '127.0.0.1'): Promise<FaultProxy> {
    const proxy = new FaultProxy(await freePort(), target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(proxy.port, host, resolve);
    });
    return proxy;
  }

  /** conversations that go on */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Nothing goes through in either direction, as behind a firewall that drops; connections stay open. */
  silence(): void {
    this.#silent = true;
    for (const { near, far } of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  /** New connections are reset at once, and the present ones, too. */
  refuse(): void {
    this.#refusing = true;
    this.reset();
  }

  /** Resets all present connections. */
  reset(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** Shows every piece to somebody who decides about it; null ends that. */
  watch(watcher: Watcher | null): void {
    this.#watch = watcher;
  }

  /** As before all faults; connections that were silent go on. */
  heal(): void {
    this.#silent = false;
    this.#refusing = false;
    this.#watch = null;
    this.delayMs = 0;
    this.rate = 0;
    for (const { near, far } of this.#pairs) {
      near.resume();
      far.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuse();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    if (this.#refusing) {
      near.resetAndDestroy();
      return;
    }
    const far = new Socket();
    const pair: Pair = { near, far, isLost: false };
    this.#pairs.add(pair);
    const part = () => {
      // Neither end of a lost connection is told of the other's.
      if (pair.isLost) return;
      this.#pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', part);
    far.connect(this.#target(), '127.0.0.1');
    this.#carry(near, far, 'server', pair);
    this.#carry(far, near, 'client', pair);
    if (this.#silent) {
      near.pause();
      far.pause();
    }
  }

  /** One piece after the other, so that nothing overtakes. */
  #carry(from: Socket, to: Socket, direction: 'server' | 'client', pair: Pair): void {
    let last = Promise.resolve();
    // What was said before the end is still on its way.
    from.on('close', () => {
      last = last.then(() => {
        if (pair.isLost) return;
        this.#pairs.delete(pair);
        to.destroySoon();
      });
    });
    from.on('data', (piece) => {
      from.pause();
      last = last.then(async () => {
        const verdict = pair.isLost ? 'lose' : ((await this.#watch?.(piece, direction, pair)) ?? 'pass');
        if (verdict === 'lose') pair.isLost = true;
        if (verdict === 'reset') {
          from.resetAndDestroy();
          to.resetAndDestroy();
          return;
        }
        const waitMs = this.delayMs + (this.rate > 0 ? (piece.length / this.rate) * 1000 : 0);
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        if (verdict === 'pass' && !to.destroyed) to.write(piece);
        if (!this.#silent) from.resume();
      });
    });
  }
}

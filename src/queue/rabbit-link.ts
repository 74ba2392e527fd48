import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Channel, Connection, type ConnectionOptions } from 'rabbitmq-client';
import type { LinkState } from '../domain/telemetry.ts';
import { unavailable } from './rabbit-faults.ts';
import type { RabbitVoice } from './rabbit-voice.ts';

/** How long one attempt to connect may take. */
const CONNECT_MS = 5_000;
const RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
const FAREWELL_MS = 1_000;

/**
 * A connection that is made again for ever, with pauses of random length up to 5 s. Each Connection of the library serves once, because
 * the library tells only the first of several failures in a row, which may not be the one that a person has to know.
 */
export class RabbitLink implements AsyncDisposable {
  readonly #part: string;
  readonly #options: ConnectionOptions;
  readonly #voice: RabbitVoice;
  readonly #events = new EventEmitter();
  readonly #channels = new Set<Channel>();
  #connection: Connection | null = null;
  #isUp = false;
  #isBlocked = false;
  #failures = 0;
  #trouble: string | null = null;
  #retry: NodeJS.Timeout | undefined;
  #isOpen = false;
  #isClosed = false;

  /** @param part what it is for, as in "ringing" */
  constructor(part: string, options: ConnectionOptions, voice: RabbitVoice) {
    this.#part = part;
    this.#voice = voice;
    this.#options = { ...options, connectionName: `faafo ${part}`, connectionTimeout: CONNECT_MS, acquireTimeout: CONNECT_MS };
    this.#events.setMaxListeners(0);
  }

  /** Begins to connect; done by itself when it is first used. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#connect();
  }

  /**
   * A channel of one's own. A first attempt to connect is waited for.
   * @throws {Fault} `unavailable`, at once when it is known that the server is away
   */
  async channel(): Promise<Channel> {
    this.open();
    if (this.#connection === null) throw unavailable(this.#trouble ?? 'The connection to RabbitMQ was closed.');
    try {
      const channel = await this.#connection.acquire({ emitErrorsFromChannel: true });
      this.#channels.add(channel);
      channel.once('close', () => this.#channels.delete(channel));
      // Whoever waits on the channel is told by rejections; an error event that nobody hears would end the process.
      channel.on('error', () => {});
      return channel;
    } catch (error) {
      throw unavailable(this.#trouble ?? this.#voice.explain(error), error);
    }
  }

  /** Resolves when there is a connection, or the signal aborts. */
  async whenUp(signal: AbortSignal): Promise<void> {
    this.open();
    if (!this.#isUp && !signal.aborted) await once(this.#events, 'up', { signal }).catch(() => {});
  }

  get state(): LinkState {
    return { part: this.#part, isUp: this.#isUp, isBlocked: this.#isBlocked };
  }

  /** Whether the server takes no messages now, because it is short of memory or disk. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Rejects when the server takes no messages, now or later; else never settles until the signal aborts. @throws {Fault} `unavailable` */
  async rejectWhenBlocked(signal: AbortSignal): Promise<never> {
    if (!this.#isBlocked) await once(this.#events, 'blocked', { signal });
    throw unavailable(this.#voice.blocked());
  }

  /** Gives the connection up and makes another at once: the server does not answer on this one. */
  renew(): void {
    clearTimeout(this.#retry);
    this.#drop();
    this.#connect();
  }

  /** A link that was closed stays closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const connection = this.#connection;
    if (connection && this.#isUp && !this.#isBlocked) {
      const farewell = Promise.all([...this.#channels].map((channel) => channel.close())).then(() => connection.close());
      await Promise.race([farewell.catch(() => {}), sleep(FAREWELL_MS, undefined, { ref: false })]);
    }
    this.#drop();
  }

  #connect(): void {
    if (this.#isClosed) return;
    const connection = new Connection(this.#options);
    this.#connection = connection;
    const on = (name: string, react: (detail: unknown) => void) =>
      connection.on(name as 'error', (detail) => connection === this.#connection && react(detail));
    on('connection', () => {
      this.#isUp = true;
      this.#failures = 0;
      this.#trouble = null;
      this.#voice.over(this.#part);
      this.#events.emit('up');
    });
    on('connection.blocked', () => {
      this.#isBlocked = true;
      this.#voice.trouble(this.#part, this.#voice.blocked());
      this.#events.emit('blocked');
    });
    on('connection.unblocked', () => {
      this.#isBlocked = false;
      this.#voice.over(this.#part);
    });
    on('error', (error) => this.#onLost(error));
  }

  #onLost(error: unknown): void {
    this.#trouble = this.#voice.explain(error, this.#isUp);
    this.#drop();
    this.#voice.trouble(this.#part, this.#trouble);
    const longest = Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** this.#failures++);
    this.#retry = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#isUp = false;
    this.#isBlocked = false;
    connection?.unsafeDestroy();
  }
}

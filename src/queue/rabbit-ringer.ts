import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from 'rabbitmq-client';
import type { DoorbellRinger } from '../domain/queue.ts';
import type { Doorbell } from '../domain/repository.ts';
import { sharedChannel } from './rabbit-channel.ts';
import { DOORBELL_QUEUE, declareDoorbells, writeDoorbell } from './rabbit-doorbell.ts';
import { isNotFound, isRejection, unavailable } from './rabbit-faults.ts';
import type { RabbitLink } from './rabbit-link.ts';
import { QueueMender } from './rabbit-mender.ts';
import type { RabbitVoice } from './rabbit-voice.ts';

/** A server that does not answer within so long counts as away. */
const ANSWER_MS = 5_000;

export interface RingerParts {
  /** publishes */
  readonly ringing: RabbitLink;
  /** asks; not the one that rings, because there the server may read nothing for a while */
  readonly listening: RabbitLink;
  readonly voice: RabbitVoice;
  /** see QueueMender */
  readonly mendAfterMs: number;
}

/** Rings doorbells as persistent messages that the server has confirmed. */
export class RabbitRinger implements DoorbellRinger {
  readonly #parts: RingerParts;
  readonly #bellChannel: () => Promise<Channel>;
  readonly #deskChannel: () => Promise<Channel>;
  /** rings of which a message found no queue */
  readonly #returned = new Set<string>();
  readonly #mender: QueueMender;
  #rings = 0;

  constructor(parts: RingerParts) {
    this.#parts = parts;
    this.#bellChannel = sharedChannel(parts.ringing, async (channel) => {
      channel.on('basic.return', ({ messageId }: { messageId?: string }) => this.#returned.add(messageId ?? ''));
      await declareDoorbells(channel);
      await channel.confirmSelect();
    });
    this.#mender = new QueueMender(parts.listening, parts.voice, parts.mendAfterMs);
    this.#deskChannel = sharedChannel(parts.listening, async () => {});
  }

  /** Resolves or rejects within 5 s. */
  async ring(doorbells: readonly Doorbell[]): Promise<void> {
    const { ringing, voice } = this.#parts;
    if (doorbells.length === 0) return;
    if (ringing.isBlocked) throw unavailable(voice.blocked());
    const done = new AbortController();
    let isLate = false;
    try {
      const blocked = ringing.rejectWhenBlocked(done.signal);
      await this.#inTime(Promise.race([this.#publish(doorbells), blocked]), () => {
        isLate = true;
      });
      this.#mender.answered();
    } catch (fault) {
      if (isLate) this.#onLate();
      else if (isRejection(fault)) this.#mender.unconfirmed(0);
      else this.#mender.answered();
      throw fault;
    } finally {
      done.abort();
    }
  }

  /** Does not count those being heard. Resolves or rejects within 5 s. */
  async depth(): Promise<number> {
    return await this.#inTime(this.#count());
  }

  /** Not by the connection that rings: while that is blocked the server reads nothing there. Resolves or rejects within 5 s. */
  async ping(): Promise<void> {
    const { ringing, voice } = this.#parts;
    if (ringing.isBlocked) throw unavailable(voice.blocked());
    await this.depth();
  }

  async #count(): Promise<number> {
    try {
      const channel = await this.#deskChannel();
      const { messageCount } = await channel.queueDeclare({ queue: DOORBELL_QUEUE, passive: true });
      return messageCount;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return await declareDoorbells(await this.#deskChannel());
    }
  }

  async #publish(doorbells: readonly Doorbell[]): Promise<void> {
    const channel = await this.#bellChannel();
    const messageId = String(++this.#rings);
    const envelope = { routingKey: DOORBELL_QUEUE, durable: true, mandatory: true, messageId };
    await Promise.all(doorbells.map((doorbell) => channel.basicPublish(envelope, writeDoorbell(doorbell))));
    // A message without a queue is returned and then confirmed, but the library tells of the return a little later.
    await setImmediate();
    if (!this.#returned.delete(messageId)) return;
    await declareDoorbells(channel);
    throw unavailable(this.#parts.voice.queueWasGone());
  }

  #onLate(): void {
    // What is left of such a connection might stay silent for a long time.
    this.#parts.ringing.renew();
    this.#mender.unconfirmed(ANSWER_MS);
  }

  /** @throws {Fault} `unavailable` */
  async #inTime<T>(work: Promise<T>, onLate: () => void = () => {}): Promise<T> {
    const { voice } = this.#parts;
    const done = new AbortController();
    const late = sleep(ANSWER_MS, undefined, { signal: done.signal }).then(() => {
      onLate();
      throw unavailable(voice.silent());
    });
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw unavailable(voice.explain(error), error);
    } finally {
      done.abort();
    }
  }
}

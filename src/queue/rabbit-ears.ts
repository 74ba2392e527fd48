import { setTimeout as sleep } from 'node:timers/promises';
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import type { Doorbell } from '../domain/repository.ts';
import { DOORBELL_QUEUE, readDoorbell } from './rabbit-doorbell.ts';
import type { RabbitVoice } from './rabbit-voice.ts';

/** A doorbell whose hearing failed is kept for up to so long, so that a failure at once is not tried again at once, for ever. */
const REST_MS = 250;

interface EarsOptions {
  /** the most doorbells that are heard at a time, whatever channel they came on */
  readonly concurrency: number;
  /** when it aborts, what is not being heard goes back to the queue */
  readonly signal: AbortSignal;
  readonly voice: RabbitVoice;
}

/** Hears the messages of one listener, and says to the server what became of each. They outlive the channels that the messages come on. */
export class Ears {
  readonly #hear: (doorbell: Doorbell) => Promise<void>;
  readonly #options: EarsOptions;
  readonly #waiting: { message: AsyncMessage; channel: Channel }[] = [];
  readonly #busy = new Set<Promise<void>>();
  #taken = 0;

  constructor(hear: (doorbell: Doorbell) => Promise<void>, options: EarsOptions) {
    this.#hear = hear;
    this.#options = options;
  }

  /** how many messages have come so far */
  get taken(): number {
    return this.#taken;
  }

  /** whether one more could be heard now */
  get hasRoom(): boolean {
    return this.#waiting.length + this.#busy.size < this.#options.concurrency;
  }

  take(message: AsyncMessage, channel: Channel): void {
    this.#taken++;
    this.#waiting.push({ message, channel });
    this.#next();
  }

  /** After the signal has aborted: gives back what is not being heard, and resolves when the rest was heard to the end. */
  async stop(): Promise<void> {
    this.#next();
    while (this.#busy.size > 0) await Promise.all(this.#busy);
  }

  #next(): void {
    const { concurrency, signal } = this.#options;
    while (this.#waiting.length > 0 && (signal.aborted || this.#busy.size < concurrency)) {
      const { message, channel } = this.#waiting.shift()!;
      // Messages of a closed channel are with the server again.
      if (!channel.active) continue;
      if (signal.aborted) settle(() => channel.basicNack({ deliveryTag: message.deliveryTag }));
      else this.#attend(message, channel);
    }
  }

  #attend(message: AsyncMessage, channel: Channel): void {
    const hearing = this.#hearOne(message, channel).finally(() => {
      this.#busy.delete(hearing);
      this.#next();
    });
    this.#busy.add(hearing);
  }

  async #hearOne({ body, deliveryTag }: AsyncMessage, channel: Channel): Promise<void> {
    const { signal, voice } = this.#options;
    const doorbell = readDoorbell(body);
    if (doorbell === null) voice.mention(`brought a message on ${DOORBELL_QUEUE} that is no doorbell; it was thrown away.`);
    try {
      if (doorbell) await this.#hear(doorbell);
      settle(() => channel.basicAck({ deliveryTag }));
    } catch {
      await sleep(REST_MS * Math.random(), undefined, { signal }).catch(() => {});
      settle(() => channel.basicNack({ deliveryTag }));
    }
  }
}

/** A channel that is gone needs no answer: the server brings the message again. */
function settle(answer: () => void): void {
  try {
    answer();
  } catch {
    // The band may be drawn already; whoever hears its doorbell again finds nothing to do.
  }
}

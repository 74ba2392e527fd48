import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from 'rabbitmq-client';
import type { Pulse } from '../domain/queue.ts';
import { EmbeddedPulse } from './embedded.ts';
import { sharedChannel } from './rabbit-channel.ts';
import { keepConsuming } from './rabbit-consume.ts';
import type { RabbitLink } from './rabbit-link.ts';
import type { RabbitVoice } from './rabbit-voice.ts';

const EXCHANGE = 'faafo.pulse';
/** Beats within so long of each other cross the network as one. */
const GATHER_MS = 20;
/** A process that does not listen has so many kept for it: more would wake it no better. */
const MOST_KEPT = 10;

export interface PulseParts {
  readonly voice: RabbitVoice;
  /** brings the beats of others, from the first wait on */
  readonly listening: RabbitLink;
  /** takes ours to them */
  readonly ringing: RabbitLink;
  readonly signal: AbortSignal;
}

/** Pulses that wake every process on one RabbitMQ; those of this process also while the server is away. */
export class RabbitPulse implements Pulse {
  readonly #local = new EmbeddedPulse();
  readonly #self = randomUUID();
  readonly #parts: PulseParts;
  readonly #channel: () => Promise<Channel>;
  #isListening = false;
  #isDue = false;
  #isSending = false;

  constructor(parts: PulseParts) {
    this.#parts = parts;
    this.#channel = sharedChannel(parts.ringing, declareExchange);
  }

  beat(): void {
    this.#local.beat();
    this.#isDue = true;
    if (!this.#isSending) void this.#send();
  }

  wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.#isListening) void this.#listen();
    return this.#local.wait(timeoutMs, signal);
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#isDue && !this.#parts.signal.aborted) {
      this.#isDue = false;
      // A beat that cannot be sent is lost: the others look again by themselves.
      await this.#publish().catch(() => {});
      await sleep(GATHER_MS);
    }
    this.#isSending = false;
  }

  async #publish(): Promise<void> {
    const channel = await this.#channel();
    if (!this.#parts.ringing.isBlocked) await channel.basicPublish({ exchange: EXCHANGE, appId: this.#self }, '');
  }

  async #listen(): Promise<void> {
    this.#isListening = true;
    const { listening, voice, signal } = this.#parts;
    await keepConsuming(
      { link: listening, voice, part: 'pulses', signal },
      {
        start: async (channel, take) => {
          await declareExchange(channel);
          const { queue } = await channel.queueDeclare({
            exclusive: true,
            autoDelete: true,
            arguments: { 'x-max-length': MOST_KEPT },
          });
          await channel.queueBind({ exchange: EXCHANGE, queue });
          const { consumerTag } = await channel.basicConsume({ queue, noAck: true }, take);
          // Nobody knows what went by before.
          this.#local.beat();
          return consumerTag;
        },
        take: ({ appId }) => appId !== this.#self && this.#local.beat(),
        stop: async () => {},
      },
    );
  }
}

async function declareExchange(channel: Channel): Promise<void> {
  await channel.exchangeDeclare({ exchange: EXCHANGE, type: 'fanout', durable: true });
}

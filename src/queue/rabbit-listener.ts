import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from 'rabbitmq-client';
import type { DoorbellListener } from '../domain/queue.ts';
import { keepConsuming } from './rabbit-consume.ts';
import { DOORBELL_QUEUE, declareDoorbells } from './rabbit-doorbell.ts';
import { Ears } from './rabbit-ears.ts';
import type { RabbitLink } from './rabbit-link.ts';
import type { RabbitVoice } from './rabbit-voice.ts';

/** How often is looked whether doorbells wait that should have been brought here. */
const LOOK_EVERY_MS = 4_000;

/** Hears doorbells until the signal aborts; see DoorbellListener. */
export async function listenTo(
  link: RabbitLink,
  voice: RabbitVoice,
  hear: Parameters<DoorbellListener['listen']>[0],
  { concurrency, signal }: Parameters<DoorbellListener['listen']>[1],
): Promise<void> {
  const ears = new Ears(hear, { concurrency, signal, voice });
  await keepConsuming(
    { link, voice, part: 'doorbells', signal },
    {
      start: async (channel, take) => {
        await declareDoorbells(channel);
        await channel.basicQos({ prefetchCount: concurrency });
        const { consumerTag } = await channel.basicConsume({ queue: DOORBELL_QUEUE }, take);
        return consumerTag;
      },
      take: (message, channel) => ears.take(message, channel),
      untilForgotten: (channel, end) => untilForgotten(channel, ears, voice, end),
      stop: () => ears.stop(),
    },
  );
  await ears.stop();
}

/**
 * A server whose queue is deleted and made anew within some milliseconds may lose the consumer and not say so: the channel counts it, the queue does not.
 * Then messages wait, time after time, while nothing comes to ears that have room.
 */
async function untilForgotten(channel: Channel, ears: Ears, voice: RabbitVoice, end: AbortSignal): Promise<void> {
  for (let times = 0; times < 2; ) {
    const before = ears.taken;
    await sleep(LOOK_EVERY_MS, undefined, { signal: end }).catch(() => {});
    // A channel that is gone is noticed by others.
    const waiting = end.aborted ? 0 : await declareDoorbells(channel).catch(() => 0);
    if (end.aborted) return;
    times = waiting > 0 && ears.hasRoom && ears.taken === before ? times + 1 : 0;
  }
  voice.mention('brought nothing though messages wait; listening anew.');
}

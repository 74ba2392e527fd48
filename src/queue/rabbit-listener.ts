import type { DoorbellListener } from '../domain/queue.ts';
import { keepConsuming } from './rabbit-consume.ts';
import { DOORBELL_QUEUE, declareDoorbells } from './rabbit-doorbell.ts';
import { Ears } from './rabbit-ears.ts';
import type { RabbitLink } from './rabbit-link.ts';
import type { RabbitVoice } from './rabbit-voice.ts';

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
      stop: () => ears.stop(),
    },
  );
  await ears.stop();
}

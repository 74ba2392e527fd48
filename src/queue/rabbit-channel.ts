import type { Channel } from 'rabbitmq-client';
import type { RabbitLink } from './rabbit-link.ts';

/**
 * A channel that many calls share: opened and prepared when it is first asked for, and again after it was closed.
 * @throws {Fault} `unavailable`, from what it returns
 */
export function sharedChannel(link: RabbitLink, prepare: (channel: Channel) => Promise<unknown>): () => Promise<Channel> {
  let current: Promise<Channel> | null = null;
  return () => {
    if (current) return current;
    const opening = link.channel().then(async (channel) => {
      channel.once('close', forget);
      await prepare(channel);
      return channel;
    });
    const forget = (): void => {
      if (current === opening) current = null;
    };
    opening.catch(forget);
    current = opening;
    return opening;
  };
}

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import { isRefusal } from './rabbit-faults.ts';
import type { RabbitLink } from './rabbit-link.ts';
import type { RabbitVoice } from './rabbit-voice.ts';

const FAREWELL_MS = 1_000;

export interface Consumer {
  readonly link: RabbitLink;
  readonly voice: RabbitVoice;
  /** what it hears, as in "doorbells" */
  readonly part: string;
  /** ends it */
  readonly signal: AbortSignal;
}

export interface Consumption {
  /** Prepares a new channel and begins to consume. @returns the consumer's tag */
  start(channel: Channel, take: (message: AsyncMessage) => void): Promise<string>;
  take(message: AsyncMessage, channel: Channel): void;
  /** Resolves when the consumer gets nothing though it should; another takes its place then. Ends when the signal aborts. */
  untilForgotten?(channel: Channel, signal: AbortSignal): Promise<void>;
  /** Resolves when what was taken is settled; nothing more comes. */
  stop(): Promise<void>;
}

/**
 * Consumes on one channel after another until the signal aborts: a channel may be closed, and a consumer cancelled, while its connection
 * lives on.
 */
export async function keepConsuming(consumer: Consumer, consumption: Consumption): Promise<void> {
  const { link, voice, part, signal } = consumer;
  while (!signal.aborted) {
    await link.whenUp(signal);
    if (signal.aborted) return;
    try {
      await consume(await link.channel(), consumer, consumption);
    } catch (error) {
      voice.trouble(part, voice.explain(error));
    }
    await sleep(250 + Math.random() * 750, undefined, { signal }).catch(() => {});
  }
}

async function consume(channel: Channel, { voice, part, signal }: Consumer, consumption: Consumption): Promise<void> {
  const { start, take, stop, untilForgotten } = consumption;
  const cleanUp = new AbortController();
  const aborted = signal.aborted ? Promise.resolve() : once(signal, 'abort', { signal: cleanUp.signal }).catch(() => {});
  const closed = new Promise((resolve) => channel.once('close', resolve));
  const cancelled = new Promise((resolve) => channel.once('basic.cancel', resolve));
  cancelled.then(() => voice.trouble(part, voice.cancelled()));
  channel.on('error', (error) => isRefusal(error) && voice.trouble(part, voice.explain(error)));
  try {
    const tag = await Promise.race([start(channel, (message) => take(message, channel)), aborted]);
    if (typeof tag === 'string') voice.over(part);
    await Promise.race([aborted, closed, cancelled, ...(untilForgotten ? [untilForgotten(channel, cleanUp.signal)] : [])]);
    if (!signal.aborted) return;
    if (typeof tag === 'string') await briefly(channel.basicCancel(tag));
    await stop();
  } finally {
    cleanUp.abort();
    await briefly(channel.close());
  }
}

/** Waits, but no longer than a server that does not answer deserves. */
async function briefly(ending: Promise<unknown>): Promise<void> {
  await Promise.race([ending.catch(() => {}), sleep(FAREWELL_MS, undefined, { ref: false })]);
}

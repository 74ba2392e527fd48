import type { Channel } from 'rabbitmq-client';
import { parseFractalId } from '../domain/ids.ts';
import type { Doorbell } from '../domain/repository.ts';

export const DOORBELL_QUEUE = 'faafo.doorbells';

/** Makes the queue, unless it is there. @returns how many messages it holds that nobody has heard */
export async function declareDoorbells(channel: Channel): Promise<number> {
  const { messageCount } = await channel.queueDeclare({
    queue: DOORBELL_QUEUE,
    durable: true,
    arguments: { 'x-queue-type': 'quorum' },
  });
  return messageCount;
}

/** The body of a message, to be written as JSON. */
export function writeDoorbell({ fractal, band }: Doorbell): object {
  return { v: 1, fractal, band };
}

/** Null when the body of a message is no doorbell. */
export function readDoorbell(body: unknown): Doorbell | null {
  try {
    const { v, fractal, band } = Object(typeof body === 'string' || Buffer.isBuffer(body) ? JSON.parse(String(body)) : body);
    if (v !== 1 || typeof fractal !== 'string' || !Number.isSafeInteger(band) || band < 0) return null;
    return { fractal: parseFractalId(fractal), band };
  } catch {
    return null;
  }
}

import { Connection } from 'rabbitmq-client';
import { type FractalId, parseFractalId } from '../../src/domain/ids.ts';
import type { Doorbell } from '../../src/domain/repository.ts';
import { openRabbitQueue, type RabbitQueue } from '../../src/queue/rabbitmq.ts';

export const A_FRACTAL: FractalId = parseFractalId('154c7b41-108e-4696-a059-1bde9bf03d0a');

export const someDoorbells = (count: number, first = 0): Doorbell[] =>
  Array.from({ length: count }, (_, index) => ({ fractal: A_FRACTAL, band: first + index }));

/** What a queue of a test has said. */
export interface TalkingQueue extends RabbitQueue {
  readonly lines: readonly string[];
}

export async function openTalking(url: string, options: { mendAfterMs?: number } = {}): Promise<TalkingQueue> {
  const lines: string[] = [];
  const name = url.replace(/:[^:@]*@/, ':***@');
  return Object.assign(await openRabbitQueue(url, { ...options, name, onTrouble: (line) => lines.push(line) }), { lines });
}

/** Steps behind the queue's back, as somebody else on the same server might. */
export async function onServer<T>(url: string, step: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = new Connection(url);
  connection.on('error', () => {});
  try {
    return await step(connection);
  } finally {
    await connection.close();
  }
}

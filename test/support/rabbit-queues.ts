import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from 'rabbitmq-client';
import { type FractalId, parseFractalId } from '../../src/domain/ids.ts';
import type { DoorbellListener, DoorbellRinger } from '../../src/domain/queue.ts';
import type { Doorbell } from '../../src/domain/repository.ts';
import { openRabbitQueue, type RabbitQueue } from '../../src/queue/rabbitmq.ts';
import { until } from './until.ts';

/** More than a ring may take. */
const BOUND_MS = 8_000;

export const A_FRACTAL: FractalId = parseFractalId('154c7b41-108e-4696-a059-1bde9bf03d0a');

export const someDoorbells = (count: number, first = 0): Doorbell[] =>
  Array.from({ length: count }, (_, index) => ({ fractal: A_FRACTAL, band: first + index }));

export interface TalkingQueue extends RabbitQueue {
  /** what it has said so far */
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

/** Rings until the queue has it, as the foreman does. */
export async function ringUntilTaken(queue: DoorbellRinger, doorbells: Doorbell[]): Promise<void> {
  const ring = async () => {
    try {
      await queue.ring(doorbells);
      return true;
    } catch {
      return await sleep(100, false);
    }
  };
  await until(ring, 30_000);
}

/** What came of a ring, in the time that it may take. */
export function outcomeOf(ring: Promise<void>): Promise<string> {
  const outcome = ring.then(
    () => 'taken',
    (fault) => String(fault.code),
  );
  return Promise.race([outcome, sleep(BOUND_MS, 'hangs', { ref: false })]);
}

/** Listens until its scope ends. @param hear called with each doorbell, after it was noted as heard */
export function listenOn(queue: DoorbellListener, hear = async (): Promise<void> => {}) {
  const heard: number[] = [];
  const stop = new AbortController();
  const note = async ({ band }: Doorbell) => {
    heard.push(band);
    await hear();
  };
  const listening = queue.listen(note, { concurrency: 2, signal: stop.signal });
  const end = async () => {
    stop.abort();
    await listening;
  };
  return { heard, end, [Symbol.asyncDispose]: end };
}

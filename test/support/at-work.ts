import { setTimeout as sleep } from 'node:timers/promises';
import { ringDueDoorbells } from '../../src/actions/ring-doorbells.ts';
import type { WorkerParts } from '../../src/worker/parts.ts';
import { work } from '../../src/worker/work.ts';
import { until } from './until.ts';
import type { Parts } from './work-server.ts';

/** A worker at work on whatever is due. */
export interface AtWork extends AsyncDisposable {
  /** what surprised it */
  readonly errors: string[];
  /** how its work ends: resolves with null, or with what work() threw */
  readonly ended: Promise<unknown>;
  /** Resolves when it is so. */
  until(done: () => boolean | Promise<boolean>, timeoutMs?: number): Promise<void>;
  /** No more bands are taken; resolves when it has ended. */
  stop(): Promise<unknown>;
}

/** Starts a worker, and rings what is due while it works. @param change other parts than those of the service itself */
export function atWork(parts: Parts, change: Partial<WorkerParts> = {}, drainMs = 1000): AtWork {
  const { queue: listener, engine, dispatcher, ports } = parts;
  const errors: string[] = [];
  const stop = new AbortController();
  const onError = (what: string) => errors.push(what);
  const who = { id: crypto.randomUUID(), host: 'tester', version: '0.0.0', onError, onDetail: () => undefined };
  const ended = work({ listener, engine, dispatcher, ...who, ...change }, stop.signal, drainMs).then(
    () => null,
    (error) => error,
  );
  const ringing = (async () => {
    while (!stop.signal.aborted) {
      await ringDueDoorbells(ports, 2);
      await sleep(20);
    }
  })();
  const end = async () => {
    stop.abort();
    await ringing;
    return await ended;
  };
  return {
    errors,
    ended,
    stop: end,
    until: async (done, timeoutMs) => {
      await until(done, timeoutMs);
    },
    [Symbol.asyncDispose]: async () => {
      await end();
    },
  };
}

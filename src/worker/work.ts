import { setTimeout as sleep } from 'node:timers/promises';
import type { Assignment, Dispatcher } from '../domain/dispatcher.ts';
import type { Engine, RenderedBand } from '../domain/engine.ts';
import { Fault } from '../domain/fault.ts';
import { free } from '../domain/free.ts';
import type { DoorbellListener } from '../domain/queue.ts';
import type { Doorbell } from '../domain/repository.ts';

export interface WorkerParts {
  readonly listener: DoorbellListener;
  readonly dispatcher: Dispatcher;
  readonly engine: Engine;
  readonly host: string;
  /** called with each surprise; the worker goes on */
  readonly onError: (what: string, error: unknown, band: Doorbell) => void;
}

const LONGEST_PAUSE_MS = 30_000;

/**
 * The worker's loop: hear, claim, render, renew, deliver. As many bands are rendered at a time as the engine has threads; as many again may
 * be on their way to the store, so that no thread waits for a disk or a network.
 * @param stop ends it: no more bands are taken, those in work have `drainMs` to be delivered, the rest are released
 * Resolves when nothing is in work any more.
 */
export async function work(parts: WorkerParts, stop: AbortSignal, drainMs: number): Promise<void> {
  const { threads } = parts.engine;
  const abandon = new AbortController();
  const drain = (): void => {
    setTimeout(() => abandon.abort(new Error('the worker stops')), drainMs).unref();
  };
  stop.addEventListener('abort', drain, { once: true });
  const deliveries = new Set<Promise<void>>();
  const hear = async (doorbell: Doorbell): Promise<void> => {
    const delivery = await drawBand(parts, doorbell, abandon.signal);
    if (!delivery) return;
    const delivered = delivery.ended.finally(() => deliveries.delete(delivered));
    deliveries.add(delivered);
    while (deliveries.size > threads) await Promise.race(deliveries);
  };
  await parts.listener.listen(hear, { concurrency: threads, signal: stop });
  await Promise.all(deliveries);
}

/** Claims and renders a band. @returns its delivery, under way; null when there is nothing to deliver */
async function drawBand(
  parts: WorkerParts,
  doorbell: Doorbell,
  abandon: AbortSignal,
): Promise<{ readonly ended: Promise<void> } | null> {
  const { dispatcher, engine, host, onError } = parts;
  const assignment = await dispatcher.claim(doorbell, { host, engineVersion: engine.version });
  if (!assignment) return null;
  const { lease } = assignment;
  const lost = new AbortController();
  const signal = AbortSignal.any([lost.signal, abandon]);
  const renewal = setInterval(() => {
    dispatcher.renew(lease).then(
      (answer) => answer !== 'held' && lost.abort(new Error(`the lease is ${answer}`)),
      (error) => onError('lease not renewed', error, doorbell),
    );
  }, assignment.renewEveryMs);
  const end = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
      if (abandon.aborted) await dispatcher.release(lease);
    } catch (error) {
      onError('band not finished', error, doorbell);
    } finally {
      clearInterval(renewal);
    }
  };
  const rendering = render(parts, assignment, signal);
  const rendered = await rendering.catch(() => null);
  if (rendered) return { ended: end(deliver(parts, assignment, rendered, signal).finally(() => free(rendered.band.bytes))) };
  await end(rendering);
  return null;
}

interface Rendered {
  readonly band: RenderedBand;
  readonly thumbnail: Uint8Array | null;
}

/** Null when it was given up, or failed and was reported. */
async function render(parts: WorkerParts, assignment: Assignment, signal: AbortSignal): Promise<Rendered | null> {
  const { spec, band } = assignment;
  try {
    const rendered = await parts.engine.renderBand(spec, band, signal);
    if (!assignment.thumbnail) return { band: rendered, thumbnail: null };
    const { bytes, renderMs } = await parts.engine.renderThumbnail(spec, signal);
    return { band: { ...rendered, renderMs: rendered.renderMs + renderMs }, thumbnail: bytes };
  } catch (error) {
    if (signal.aborted) return null;
    parts.onError('band not rendered', error, assignment.lease);
    const reason = error instanceof Fault ? error.message : 'The engine could not draw a part of this picture.';
    await parts.dispatcher.fail(assignment.lease, reason);
    return null;
  }
}

/**
 * Tries until the service has said its final word. While it cannot be reached, or is full, the band is kept and renewed and nothing new is
 * taken in its place: what is rendered is not thrown away.
 */
async function deliver(
  parts: WorkerParts,
  { lease }: Assignment,
  { band, thumbnail }: Rendered,
  signal: AbortSignal,
): Promise<void> {
  for (let pauseMs = 500; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      await parts.dispatcher.deliver(lease, band, thumbnail);
      return;
    } catch (error) {
      parts.onError('band not delivered', error, lease);
      if (!(error instanceof Fault) || error.code !== 'unavailable') {
        await parts.dispatcher.fail(lease, 'A part of this picture could not be stored.');
        return;
      }
      await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../domain/fault.ts';
import { type FractalState, isFinal } from '../domain/states.ts';
import type { Client } from '../http/client.ts';

/** How far a fractal is; `deleted` is final, too. */
export interface Standing {
  readonly state: FractalState | 'deleted';
  /** 0..1 */
  readonly progress: number;
}

const POLL_MS = 1_000;
/** While events come, asking is only a safety net. */
const POLL_WHILE_LIVE_MS = 20_000;

const isOver = ({ state }: Standing): boolean => state === 'deleted' || isFinal(state);

/**
 * Resolves when nothing more happens to any of the fractals. Listens to the event stream, and asks for each fractal while that is broken.
 * @param onChange told of each fractal's standing whenever it changes
 * @throws {Unreachable} when the API stays away for a minute; the signal's reason
 */
export async function awaitFractals(
  client: Client,
  uuids: readonly string[],
  onChange: (uuid: string, standing: Standing) => void,
  signal: AbortSignal,
): Promise<void> {
  const pending = new Set(uuids);
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  let live = false;

  const note = (uuid: string, standing: Standing): void => {
    if (!pending.has(uuid)) return;
    if (isOver(standing)) pending.delete(uuid);
    onChange(uuid, standing);
    if (pending.size === 0) over.abort();
  };
  const ask = async (): Promise<void> => {
    for (const uuid of [...pending]) note(uuid, await look(client, uuid));
  };
  const listen = async (): Promise<void> => {
    for await (const item of client.events(stop)) {
      live = item.kind !== 'broken';
      if (item.kind === 'event') note(item.event.uuid, { state: item.event.state ?? 'deleted', progress: item.event.progress });
      else if (live) await ask();
    }
  };
  const poll = async (): Promise<void> => {
    for (let sincePoll = 0; pending.size > 0; sincePoll += POLL_MS) {
      await sleep(POLL_MS, undefined, { signal: stop }).catch(() => stop.throwIfAborted());
      if (live && sincePoll < POLL_WHILE_LIVE_MS) continue;
      sincePoll = 0;
      await ask();
    }
  };

  if (pending.size === 0) return;
  const quietly = (loop: Promise<void>): Promise<void> =>
    loop.catch((error) => {
      if (!over.signal.aborted) throw error;
    });
  // An API without events is still an API: then asking alone must do.
  const listening = quietly(listen()).catch((error) => {
    live = false;
    if (!(error instanceof Fault)) throw error;
  });
  try {
    await Promise.all([listening, quietly(poll())]);
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
}

async function look(client: Client, uuid: string): Promise<Standing> {
  try {
    return await client.find(uuid);
  } catch (error) {
    if (error instanceof Fault && error.code === 'not_found') return { state: 'deleted', progress: 0 };
    throw error;
  }
}

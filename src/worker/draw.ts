import { DELIVERY } from '../domain/delivery.ts';
import type { Assignment } from '../domain/dispatcher.ts';
import type { RenderedBand } from '../domain/engine.ts';
import { Fault } from '../domain/fault.ts';
import { fail, release } from './give-up.ts';
import { unlessAborted } from './patience.ts';
import type { Shift } from './shift.ts';

export interface Drawn {
  readonly band: RenderedBand;
  readonly thumbnail: Uint8Array | null;
}

/**
 * Draws a claimed band, and the thumbnail that goes with it.
 * @param lost aborts when nobody needs the band any more
 * @returns null when it was given up or could not be drawn; the service has been told then
 */
export async function draw(shift: Shift, assignment: Assignment, lost: AbortSignal): Promise<Drawn | null> {
  const { lease } = assignment;
  const deadlineMs = shift.parts.bandDeadlineMs ?? DELIVERY.bandDeadlineMs;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('the deadline has passed')), deadlineMs);
  try {
    const signal = AbortSignal.any([lost, shift.abandon, deadline.signal]);
    // A worker that stops does not wait for a thread that hears no abort.
    return await unlessAborted(render(shift, assignment, signal), shift.abandon);
  } catch (error) {
    if (lost.aborted) return null;
    if (shift.abandon.aborted) await release(shift, lease);
    else {
      shift.complain('band not rendered', error, lease);
      await fail(shift, lease, deadline.signal.aborted ? tookTooLong(deadlineMs) : reasonOf(error));
    }
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function render({ parts }: Shift, assignment: Assignment, signal: AbortSignal): Promise<Drawn> {
  const { spec, band } = assignment;
  const rendered = await parts.engine.renderBand(spec, band, signal);
  if (!assignment.thumbnail) return { band: rendered, thumbnail: null };
  const { bytes, renderMs } = await parts.engine.renderThumbnail(spec, signal);
  return { band: { ...rendered, renderMs: rendered.renderMs + renderMs }, thumbnail: bytes };
}

const tookTooLong = (ms: number): string => `A part of this picture took longer than ${ms / 1000} s; it was given up.`;

/** For the person who ordered. */
const reasonOf = (error: unknown): string =>
  error instanceof Fault ? error.message : 'The engine could not draw a part of this picture.';

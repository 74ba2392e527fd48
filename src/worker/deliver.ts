import type { Assignment } from '../domain/dispatcher.ts';
import { free } from '../domain/free.ts';
import type { Drawn } from './draw.ts';
import { fail, release } from './give-up.ts';
import { mayPass, pause, pauseMs, unlessAborted } from './patience.ts';
import type { Shift } from './shift.ts';
import { unitsOf } from './speedometer.ts';

/**
 * Delivers a band, until the service has said its final word. While it cannot be reached, or is full, the band is kept and nothing new is taken in
 * its place: what is drawn is not thrown away. Never rejects.
 * @param lost aborts when nobody needs the band any more
 */
export async function deliver(shift: Shift, { lease, spec, band }: Assignment, drawn: Drawn, lost: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([lost, shift.abandon]);
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      // Also when the lease is lost meanwhile: a band that was accepted this very moment is renewed no more.
      const answer = await unlessAborted(shift.parts.dispatcher.deliver(lease, drawn.band, drawn.thumbnail), shift.abandon);
      const { renderMs } = drawn.band;
      shift.parts.onStep?.('band delivered', lease, { answer, render_ms: Math.round(renderMs) });
      if (answer === 'accepted') shift.speed.count(unitsOf(spec, band));
      return free(drawn.band.bytes);
    } catch (error) {
      // Its bytes may still be on their way: they are left to the collector.
      if (signal.aborted) break;
      shift.complain('band not delivered', error, lease);
      if (!mayPass(error)) return await fail(shift, lease, 'A part of this picture could not be stored.');
      await pause(pauseMs(error, tries), signal);
    }
  }
  if (!lost.aborted) await release(shift, lease);
}

import type { Assignment, DeliveryAnswer } from '../domain/dispatcher.ts';
import { free } from '../domain/free.ts';
import type { Drawn } from './draw.ts';
import { fail, release } from './give-up.ts';
import { mayPass, pause, pauseMs, unlessAborted } from './patience.ts';
import type { Shift } from './shift.ts';
import { amountOf } from './speedometer.ts';

/** A band that was drawn, and its lease, which is held until `end` is called. */
export interface DrawnBand {
  readonly assignment: Assignment;
  readonly drawn: Drawn;
  /** aborts when nobody needs the band any more */
  readonly lost: AbortSignal;
  readonly end: () => void;
}

/** Delivers what one claim gave: in one request, then by itself each band about which nothing was decided. Never rejects. */
export async function deliverAll(shift: Shift, bands: readonly DrawnBand[]): Promise<void> {
  const left = bands.length > 1 ? await deliverTogether(shift, bands) : bands;
  await Promise.all(left.map(({ assignment, drawn, lost, end }) => deliver(shift, assignment, drawn, lost).finally(end)));
}

/** @returns those that are left */
async function deliverTogether(shift: Shift, bands: readonly DrawnBand[]): Promise<readonly DrawnBand[]> {
  const deliveries = bands.map(({ assignment: { lease }, drawn }) => ({ lease, ...drawn }));
  try {
    const answers = await unlessAborted(shift.parts.dispatcher.deliverAll(deliveries), shift.abandon);
    return bands.filter(({ assignment, drawn, end }, i) => {
      const answer = answers[i] ?? null;
      if (answer === null) return true;
      settle(shift, assignment, drawn, answer);
      end();
      return false;
    });
  } catch {
    // Told, and tried again, when they are delivered one by one.
    return bands;
  }
}

/** The service has said its final word. */
function settle(shift: Shift, { lease, spec, band }: Assignment, drawn: Drawn, answer: DeliveryAnswer): void {
  shift.parts.onStep?.('band delivered', lease, { answer, render_ms: Math.round(drawn.band.renderMs) });
  if (answer === 'accepted') shift.speed.count(amountOf(spec, band));
  free(drawn.band.bytes);
}

/**
 * Delivers a band, until the service has said its final word. While it cannot be reached, or is full, the band is kept and nothing new is taken in
 * its place: what is drawn is not thrown away. Never rejects.
 * @param lost aborts when nobody needs the band any more
 */
async function deliver(shift: Shift, assignment: Assignment, drawn: Drawn, lost: AbortSignal): Promise<void> {
  const { lease } = assignment;
  const signal = AbortSignal.any([lost, shift.abandon]);
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      // Also when the lease is lost meanwhile: a band that was accepted this very moment is renewed no more.
      const answer = await unlessAborted(shift.parts.dispatcher.deliver(lease, drawn.band, drawn.thumbnail), shift.abandon);
      return settle(shift, assignment, drawn, answer);
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

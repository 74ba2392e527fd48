import { type Identity, mayChange } from '../domain/access.ts';
import { Fault } from '../domain/fault.ts';
import type { Fractal } from '../domain/fractal.ts';
import type { FractalId } from '../domain/ids.ts';
import type { Ports } from '../domain/ports.ts';
import { findFractal } from './find-fractal.ts';
import { notYours } from './not-yours.ts';

/** Stops a fractal and keeps its row; workers learn of it at their next renewal. @throws {Fault} `not_found`, `conflict`, `denied` */
export async function cancelFractal(
  { repository, pulse }: Pick<Ports, 'repository' | 'pulse'>,
  id: FractalId,
  by: Identity,
): Promise<Fractal> {
  const outcome = await repository.fractals.cancel(id, (owner) => mayChange(by, owner));
  if (outcome === 'denied') throw notYours(id, 'cancel');
  if (outcome === 'cancelled') pulse.beat();
  const fractal = await findFractal({ repository }, id);
  if (outcome === 'refused' && fractal.state !== 'cancelled') {
    throw new Fault('conflict', `The fractal ${id} is ${fractal.state} already: there is nothing left to cancel.`, {
      members: { state: fractal.state },
    });
  }
  return fractal;
}

/** Takes a fractal away, in any state; its objects are swept later. @throws {Fault} `not_found`, `denied` */
export async function deleteFractal(
  { repository, pulse }: Pick<Ports, 'repository' | 'pulse'>,
  id: FractalId,
  by: Identity,
): Promise<void> {
  const outcome = await repository.fractals.remove(id, (owner) => mayChange(by, owner));
  if (outcome === 'denied') throw notYours(id, 'delete');
  if (outcome === 'unknown') throw new Fault('not_found', `There is no fractal ${id}.`);
  pulse.beat();
}

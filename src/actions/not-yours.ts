import { Fault } from '../domain/fault.ts';
import type { FractalId } from '../domain/ids.ts';

/** Why somebody may not change a fractal. */
export const notYours = (id: FractalId, verb: 'cancel' | 'retry' | 'delete'): Fault =>
  new Fault('denied', `The fractal ${id} is not yours: only whoever ordered it, or an admin, may ${verb} it.`);

import { Fault } from '../domain/fault.ts';
import { Unreachable } from '../http/unreachable.ts';
import { complain, Failed } from './run.ts';

/**
 * Does something to each of several fractals and goes on when one is refused, with a line about it.
 * @throws {Failed} at the end, when any was refused; {Unreachable} at once
 */
export async function forEachFractal(uuids: readonly string[], act: (uuid: string) => Promise<void>): Promise<void> {
  let refused = false;
  for (const uuid of uuids) {
    try {
      await act(uuid);
    } catch (error) {
      if (!(error instanceof Fault) || error instanceof Unreachable) throw error;
      complain(error.message.includes(uuid) ? error.message : `${uuid}: ${error.message}`);
      refused = true;
    }
  }
  if (refused) throw new Failed();
}

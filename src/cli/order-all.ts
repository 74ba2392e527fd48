import { Fault } from '../domain/fault.ts';
import type { FractalResource, OrderBody } from '../http/schemas.ts';
import { Unreachable } from '../http/unreachable.ts';
import type { Session } from './session.ts';

/** Enough to hide the round trip; more would only crowd the API. */
const AT_A_TIME = 4;

export type NamedOrder = OrderBody & { readonly uuid: string };

/**
 * Places all orders, each exactly once.
 * @param onOrdered told of each fractal once its order is safe
 * @returns them in the order of `bodies`
 * @throws {Fault} the first refusal, saying how many were ordered before; nothing more is ordered then
 */
export async function orderAll(
  { client, signal }: Pick<Session, 'client' | 'signal'>,
  bodies: readonly NamedOrder[],
  onOrdered: (fractal: FractalResource) => void,
): Promise<FractalResource[]> {
  const ordered: FractalResource[] = [];
  const waiting = [...bodies.entries()];
  let refusal: unknown;
  const placeOne = async (): Promise<void> => {
    const [index, body] = waiting.shift()!;
    try {
      ordered[index] = await client.order(body);
      onOrdered(ordered[index]);
    } catch (error) {
      refusal ??= error;
    }
  };
  const placeRest = async (): Promise<void> => {
    while (waiting.length > 0 && refusal === undefined) await placeOne();
  };
  // The first goes alone: when the API is away or refuses, one request shows it.
  if (waiting.length > 0) await placeOne();
  await Promise.all(Array.from({ length: AT_A_TIME }, placeRest));
  signal.throwIfAborted();
  if (refusal !== undefined) throw tellHowFar(refusal, ordered.filter(Boolean).length, bodies.length);
  return ordered;
}

function tellHowFar(error: unknown, count: number, total: number): unknown {
  if (count === 0 || !(error instanceof Fault)) return error;
  const message = `only ${count} of ${total} were ordered: ${error.message}`;
  if (error instanceof Unreachable) return new Unreachable(message, { broken: error.broken, cause: error });
  return new Fault(error.code, message, { ...error.details, cause: error });
}

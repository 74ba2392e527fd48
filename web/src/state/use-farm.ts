import { useEffect, useState } from 'preact/hooks';
import { DEFAULT_LIMITS } from '../../../src/domain/limits.ts';
import type { OrderLimits } from '../../../src/domain/parse-order.ts';
import type { Spec } from '../../../src/domain/spec.ts';
import { getStatus, listFractals } from '../api/client.ts';
import { estimateOf, estimateWords, type Pace } from './estimate.ts';

/** Finished pictures that tell how fast the farm is. */
const LOOKED_AT = 30;

/** What the farm says of itself to somebody who is about to order. */
export interface Farm {
  /** how long it is likely to take, in words */
  readonly estimate: (spec: Spec) => string;
  /** what one order may ask for; as usual, until the farm has told */
  readonly limits: OrderLimits;
}

const silent = (words: string): Farm => ({ estimate: () => words, limits: DEFAULT_LIMITS });

/** Asks the farm once how fast it is, and what one order may ask for. */
export function useFarm(): Farm {
  const [farm, setFarm] = useState<Farm>(() => silent('asking the farm …'));
  useEffect(() => {
    Promise.all([getStatus(), listFractals({ state: 'done', results_per_page: LOOKED_AT })]).then(
      ([status, { objects }]) => {
        const pace: Pace = { status, lately: objects };
        const { max_side, max_iterations, max_cost } = status.limits;
        setFarm({
          estimate: (spec) => estimateWords(estimateOf(spec, pace)),
          limits: { maxSide: max_side, maxIterations: max_iterations, maxCost: BigInt(max_cost) },
        });
      },
      () => setFarm(silent('the farm does not tell now')),
    );
  }, []);
  return farm;
}

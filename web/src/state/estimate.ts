import { useEffect, useState } from 'preact/hooks';
import { costOf } from '../../../src/domain/spec.ts';
import { type FarmStatus, type Fractal, getStatus, listFractals } from '../api/client.ts';
import { formatSeconds } from '../format.ts';

/** Pictures that tell how fast an idle farm is. */
const LOOKED_AT = 10;

interface Farm {
  readonly status: FarmStatus;
  /** steps a second of one thread, from what was drawn lately; null when nothing was */
  readonly threadSpeed: number | null;
}

/** How long the farm is likely to take, in words. @param cost steps, at most */
export function useEstimate(cost: number): string {
  const [farm, setFarm] = useState<Farm | Error | null>(null);
  useEffect(() => {
    Promise.all([getStatus(), listFractals({ results_per_page: LOOKED_AT })]).then(
      ([status, { objects }]) => setFarm({ status, threadSpeed: threadSpeedOf(objects) }),
      setFarm,
    );
  }, []);
  if (farm === null) return 'asking the farm …';
  if (farm instanceof Error) return 'the farm does not tell now';
  const { workers, throughput, outstanding_steps } = farm.status;
  if (workers.count === 0) return 'there is no worker now';
  // What they deliver now; of an idle farm, what they could by what they have drawn before.
  const speed = Math.max(throughput.steps_per_second, (farm.threadSpeed ?? 0) * workers.threads);
  if (speed === 0) return 'not known yet: nothing was drawn lately';
  const [alone, queued] = [cost / speed, outstanding_steps / speed];
  const after = queued > 1 ? `, after ${formatSpan(queued)} of what is queued` : '';
  return `about ${formatSpan(alone)}${after}`;
}

/** The best of them: of small pictures most of the time is none of drawing. */
function threadSpeedOf(fractals: readonly Fractal[]): number | null {
  const speeds = fractals.flatMap((fractal) =>
    fractal.state === 'done' && fractal.duration ? [Number(costOf(fractal)) / fractal.duration] : [],
  );
  return speeds.length > 0 ? Math.max(...speeds) : null;
}

function formatSpan(seconds: number): string {
  if (seconds < 1) return 'a second';
  if (seconds < 7200) return formatSeconds(Number(seconds.toPrecision(2)));
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} hours` : `${Math.round(seconds / 86_400)} days`;
}

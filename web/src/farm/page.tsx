import { type FarmStatus, getStatus, isUnknown } from '../api/client.ts';
import { getWorkers, type Worker } from '../api/farm.ts';
import { connection } from '../api/live.ts';
import { formatCount } from '../format.ts';
import { Trouble } from '../parts/trouble.tsx';
import { useTitle } from '../state/title.ts';
import { Failures } from './failures.tsx';
import './farm.css';
import { NoWorkers } from './no-workers.tsx';
import { Patterns } from './patterns.tsx';
import { PauseButton, Paused } from './pausing.tsx';
import { Plots } from './plots.tsx';
import { usePolled } from './polled.ts';
import { useWork, Work } from './work.tsx';
import { Workers } from './workers.tsx';

const EVERY_MS = 2_500;

/** The farm at a glance: who draws what, what waits, how fast it was, what has failed. */
export function FarmPage() {
  const status = usePolled<FarmStatus>('status', EVERY_MS, getStatus);
  const workers = usePolled<Worker[]>('workers', EVERY_MS, getWorkers);
  const work = useWork(workers.value);
  useTitle('Farm');
  const farm = status.value.value;
  const crew = workers.value.value;
  const failure = status.failure.value ?? workers.failure.value;
  const inWork = work.value.value;
  // All of it at once, so that nothing moves under the eyes of who reads already. What is in work may be missing where that alone cannot be read.
  if (farm === undefined || crew === undefined || (inWork === undefined && work.failure.value === null)) {
    return failure && !isUnknown(failure) ? <Trouble failure={failure} /> : <div class="farm-begun" aria-busy="true" />;
  }
  // The banner on top says so already when the whole service is away.
  const isStale = failure !== null && connection.value === 'live';
  return (
    <div class="farm">
      <Patterns />
      <div class="title-row">
        <div>
          <h1>Farm</h1>
          <p class="glance">{glanceAt(farm)}</p>
        </div>
        {farm.pause === null && <PauseButton onChanged={status.again} />}
      </div>
      {isStale && (
        <p class="banner stale" role="status">
          <strong>These figures could not be read again:</strong> {failure.message} Trying again.
        </p>
      )}
      {farm.queue === null && (
        <p class="banner stale" role="status">
          <strong>The work queue cannot be reached.</strong> Orders are kept, and drawn when it is back.
        </p>
      )}
      {farm.pause !== null && <Paused pause={farm.pause} onChanged={status.again} />}
      {crew.every(({ silent }) => silent) && <NoWorkers />}
      <Plots />
      {inWork !== undefined && <Work fractals={inWork} isPaused={farm.pause !== null} />}
      {crew.length > 0 && <Workers workers={crew} />}
      <Failures />
    </div>
  );
}

/** "1,204 bands wait, 12 in work. 3,120 pictures drawn, 2 failed." */
function glanceAt({ bands, fractals }: FarmStatus): string {
  const waits = bands.waiting === 1 ? '1 band waits' : `${formatCount(bands.waiting)} bands wait`;
  const work = bands.leased > 0 ? `${formatCount(bands.leased)} in work` : 'none is in work';
  const now = bands.waiting + bands.leased === 0 ? 'Nothing waits' : `${waits}, ${work}`;
  const drawn = `${formatCount(fractals.done)} ${fractals.done === 1 ? 'picture' : 'pictures'} drawn`;
  return `${now}. ${drawn}${fractals.failed > 0 ? `, ${formatCount(fractals.failed)} failed` : ''}.`;
}

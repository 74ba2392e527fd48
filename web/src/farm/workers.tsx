import { useSignal } from '@preact/signals';
import type { Worker } from '../api/farm.ts';
import { formatCount, formatMoment } from '../format.ts';
import { viewPath } from '../router.ts';
import { now } from '../state/clock.ts';
import { HostBadge } from './patterns.tsx';
import { formatLarge, formatSpan } from './words.ts';

/** More are shown on request. */
const SHOWN_FIRST = 50;
/** Bands of one worker that are named. */
const NAMED_BANDS = 3;

/** Who draws, what and how fast. @param workers one or more */
export function Workers({ workers }: { workers: readonly Worker[] }) {
  const all = useSignal(false);
  const silent = workers.filter((worker) => worker.silent).length;
  const threads = workers.reduce((sum, worker) => sum + (worker.silent ? 0 : worker.threads), 0);
  const shown = all.value ? workers : workers.slice(0, SHOWN_FIRST);
  return (
    <section class="farm-part" aria-labelledby="workers-title">
      <div class="part-head">
        <h2 id="workers-title">Workers</h2>
        <p>
          {formatCount(workers.length - silent)} with {formatCount(threads)} {threads === 1 ? 'thread' : 'threads'}
          {silent > 0 && <strong class="silent-count">, {formatCount(silent)} silent</strong>}
        </p>
      </div>
      <table class="workers">
        <thead>
          <tr>
            <th scope="col">Host</th>
            <th scope="col">Doing</th>
            <th scope="col">Load</th>
            <th scope="col" class="wide">
              Bands / s
            </th>
            <th scope="col" class="wide">
              Steps / s
            </th>
            <th scope="col" class="wide">
              Up
            </th>
            <th scope="col" class="wide">
              Version
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((worker) => (
            <Row key={worker.id} worker={worker} />
          ))}
        </tbody>
      </table>
      {shown.length < workers.length && (
        <button type="button" class="button quiet" onClick={() => (all.value = true)}>
          Show all {formatCount(workers.length)}
        </button>
      )}
    </section>
  );
}

function Row({ worker }: { worker: Worker }) {
  const { id, host, cores, threads, load, silent, version, uptime } = worker;
  return (
    <tr class={silent ? 'silent' : undefined} data-worker={id}>
      <th scope="row">
        <div class="who-draws">
          <HostBadge host={host} />
          <span class="host">{host}</span>
          <small>
            {threads} {threads === 1 ? 'thread' : 'threads'}, {cores} {cores === 1 ? 'core' : 'cores'}
          </small>
        </div>
      </th>
      <td>{silent ? <Silence worker={worker} /> : <Doing worker={worker} />}</td>
      <td class="load">
        <meter min="0" max={cores} high={cores * 0.99} value={Math.min(load, cores)} aria-label={`Load of ${cores} cores`} />
        {load.toFixed(2)}
      </td>
      <td class="wide number">{formatLarge(worker.bands_per_second)}</td>
      <td class="wide number">{formatLarge(worker.steps_per_second)}</td>
      <td class="wide number">{formatSpan(uptime)}</td>
      <td class="wide">{version}</td>
    </tr>
  );
}

function Silence({ worker: { seen_at } }: { worker: Worker }) {
  const seconds = Math.max(15, (now.value - Date.parse(seen_at)) / 1000);
  return (
    <span class="badge failed" title={`Last heard of at ${formatMoment(seen_at)}; what it had in hand is given to others`}>
      Silent for {formatSpan(seconds)}
    </span>
  );
}

function Doing({ worker: { work, state } }: { worker: Worker }) {
  if (work.length === 0) return <span class="resting">{state === 'stopping' ? 'Stopping' : 'Waits'}</span>;
  return (
    <ul class="doing">
      {work.slice(0, NAMED_BANDS).map(({ uuid, band, seconds }) => (
        <li key={`${uuid} ${band}`}>
          <a href={viewPath(uuid)}>
            <code>{uuid.slice(0, 8)}</code>
          </a>{' '}
          band {formatCount(band)} <small>{formatSpan(seconds)}</small>
        </li>
      ))}
      {work.length > NAMED_BANDS && <li>and {work.length - NAMED_BANDS} more</li>}
    </ul>
  );
}

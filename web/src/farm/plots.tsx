import { useSignal } from '@preact/signals';
import { getReadings, type Reading } from '../api/farm.ts';
import { formatCount } from '../format.ts';
import { extend, HOUR_MS, type Measure, shareAt } from './history.ts';
import { Plot } from './plot.tsx';
import { usePolled } from './polled.ts';
import { formatLarge, formatSpan } from './words.ts';

const EVERY_MS = 5_000;

const MEASURES: readonly Measure[] = [
  { title: 'Bands', of: (reading) => reading.bands_per_second, text: formatLarge, unit: '/ s' },
  { title: 'Pixels', of: (reading) => reading.pixels_per_second, text: formatLarge, unit: '/ s' },
  { title: 'Steps', of: (reading) => reading.steps_per_second, text: formatLarge, unit: '/ s' },
  { title: 'Bands that wait', of: (reading) => reading.bands_waiting, text: formatCount },
  { title: 'Oldest that waits', of: (reading) => reading.oldest_waiting ?? 0, text: formatSpan },
  { title: 'Workers', of: ({ workers }) => workers, text: formatCount },
];

/** What the farm did in the last hour. */
export function Plots() {
  const { value } = usePolled<Reading[]>('readings', EVERY_MS, async (before = []) => {
    const fresh = await getReadings(before.at(-1)?.at);
    return extend(before, fresh);
  });
  /** place of a reading, or null for the newest */
  const shown = useSignal<number | null>(null);
  const readings = value.value;
  const until = readings?.length ? Date.parse(readings.at(-1)!.at) : Date.now();
  const reading = shown.value === null ? undefined : readings?.[shown.value];
  const point = (event: PointerEvent): void => {
    const svg = event.target instanceof Element ? event.target.closest('svg') : null;
    if (!svg || !readings?.length) return;
    const { left, width } = svg.getBoundingClientRect();
    shown.value = nearest(readings, (event.clientX - left) / width, until);
  };
  const leave = (): void => {
    shown.value = null;
  };
  return (
    <section class="farm-part" aria-labelledby="plots-title">
      <h2 id="plots-title">The last hour</h2>
      <div class="plots" aria-busy={readings === undefined} onPointerMove={point} onPointerLeave={leave}>
        {MEASURES.map((measure) => (
          <Plot key={measure.title} measure={measure} readings={readings ?? []} until={until} shown={reading} />
        ))}
      </div>
      <Moment readings={readings ?? []} shown={shown.value} onShow={(place) => (shown.value = place)} />
    </section>
  );
}

/** By keyboard, and for those who cannot see the plots: goes from reading to reading. */
function Moment(props: {
  readonly readings: readonly Reading[];
  readonly shown: number | null;
  readonly onShow: (place: number | null) => void;
}) {
  const { readings, shown, onShow } = props;
  if (readings.length < 2)
    return <p class="hint moment">The first readings come within some seconds; the plots fill from the right.</p>;
  const last = readings.length - 1;
  const place = shown ?? last;
  const reading = readings[place]!;
  const figures = MEASURES.map(({ title, of, text, unit = '' }) => `${title} ${text(of(reading))} ${unit}`.trim()).join(', ');
  const moment = new Date(reading.at).toLocaleTimeString('en-GB');
  return (
    <div class="moment">
      <label for="moment">{shown === null ? 'Now' : `${moment}${reading.paused ? ', paused' : ''}`}</label>
      <input
        id="moment"
        type="range"
        min="0"
        max={last}
        value={place}
        aria-valuetext={`${moment}: ${figures}`}
        onInput={(event) => onShow(Number(event.currentTarget.value) === last ? null : Number(event.currentTarget.value))}
        onBlur={() => onShow(null)}
      />
    </div>
  );
}

/** @param share 0 an hour ago, 1 now @returns null where nothing was read */
function nearest(readings: readonly Reading[], share: number, until: number): number | null {
  const distances = readings.map(({ at }) => Math.abs(shareAt(at, until) - share));
  const place = distances.indexOf(Math.min(...distances));
  return distances[place]! * HOUR_MS > 60_000 ? null : place;
}

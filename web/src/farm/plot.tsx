import type { Reading } from '../api/farm.ts';
import { type Measure, pausedSpans, pieces, shareAt, topOf } from './history.ts';

const WIDTH = 300;
const HEIGHT = 64;

interface PlotProps {
  readonly measure: Measure;
  readonly readings: readonly Reading[];
  /** the right edge, milliseconds since 1970 */
  readonly until: number;
  /** the reading that is pointed at; undefined for the newest */
  readonly shown: Reading | undefined;
}

/** One figure over the last hour: its value now, or where one points, and its course. */
export function Plot({ measure, readings, until, shown }: PlotProps) {
  const { title, of, text, unit } = measure;
  const newest = readings.at(-1);
  const reading = shown ?? newest;
  const values = readings.map(of);
  const top = topOf(values);
  const x = (at: string): string => (shareAt(at, until) * WIDTH).toFixed(1);
  const y = (value: number): string => (HEIGHT - 2 - (value / top) * (HEIGHT - 6)).toFixed(1);
  const lines = pieces(readings).map((piece) => piece.map((each) => `${x(each.at)} ${y(of(each))}`).join('L'));
  const areas = pieces(readings).map(
    (piece, number) => `M${x(piece[0]!.at)} ${HEIGHT}L${lines[number]}L${x(piece.at(-1)!.at)} ${HEIGHT}Z`,
  );
  const peak = values.length === 0 ? 0 : Math.max(...values);
  return (
    <figure class="plot">
      <figcaption>
        <span class="plot-title">{title}</span>
        <span class="plot-value">
          {reading ? text(of(reading)) : '–'}
          {unit !== undefined && reading && <small> {unit}</small>}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={wordsOf(title, peak, measure)}>
        {pausedSpans(readings, until).map(({ from, to }) => (
          <rect key={from} class="paused" x={from * WIDTH} width={(to - from) * WIDTH} y="0" height={HEIGHT} />
        ))}
        <path class="axis" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
        <path class="area" d={areas.join('')} />
        <path class="line" d={lines.map((line) => `M${line}`).join('')} />
        {shown && <path class="pointer" d={`M${x(shown.at)} 0V${HEIGHT}`} />}
      </svg>
      <p class="plot-feet">
        <span>1 h ago</span>
        <span>most {text(peak)}</span>
      </p>
    </figure>
  );
}

const wordsOf = (title: string, peak: number, { text, unit = '' }: Measure): string =>
  `${title} over the last hour, ${text(peak)} ${unit} at most`.replace(/ +/g, ' ');

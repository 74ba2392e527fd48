import type { OneFractal } from '../api/client.ts';
import { formatCount, formatSeconds } from '../format.ts';

/** Which hosts drew how much of it. */
export function DrawnBy({ shares }: { shares: NonNullable<OneFractal['drawn_by']> }) {
  const all = shares.reduce((sum, { bands }) => sum + bands, 0);
  return (
    <section class="drawn-by" aria-labelledby="drawn-by">
      <h2 class="section" id="drawn-by">
        Drawn by
      </h2>
      <ul>
        {shares.map(({ host, bands, seconds }) => (
          <li key={host}>
            <span>{host}</span>
            <span>
              {formatCount(bands)} {bands === 1 ? 'band' : 'bands'}
            </span>
            <span>{formatSeconds(seconds)}</span>
            {shares.length > 1 && <meter min={0} max={all} value={bands} aria-label={`${host}: ${bands} of ${all} bands`} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

import type { Fractal } from '../api/client.ts';
import { formatAgo, formatMoment, titleOf } from '../format.ts';
import { viewPath } from '../router.ts';
import { now } from '../state/clock.ts';
import { Facts } from './facts.tsx';
import { Plate } from './plate.tsx';
import { StateBadge } from './state-badge.tsx';

/**
 * One fractal in the gallery.
 * @param rank its place in the whole list, from 0
 * @param lead the first of a page is shown large
 */
export function Card({ fractal, rank, lead }: { fractal: Fractal; rank: number; lead: boolean }) {
  const { uuid, created_at } = fractal;
  const title = titleOf(fractal);
  return (
    <article class={lead ? 'card lead' : 'card'} data-uuid={uuid}>
      <a class="frame" href={viewPath(uuid)} data-rank={rank}>
        <Plate fractal={fractal} eager={lead} small={!lead} />
      </a>
      <div class="caption">
        <h2>
          <a href={viewPath(uuid)} data-rank={rank} tabIndex={-1}>
            {title}
          </a>
        </h2>
        <p class="when">
          <StateBadge state={fractal.state} />
          <time dateTime={created_at} title={formatMoment(created_at)}>
            {formatAgo(created_at, now.value)}
          </time>
          <code title={uuid}>{uuid.slice(0, 8)}</code>
        </p>
        <Facts fractal={fractal} />
      </div>
    </article>
  );
}

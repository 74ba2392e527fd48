import type { Fractal } from '../api/client.ts';
import { formatAgo, formatCount, formatMoment, titleOf } from '../format.ts';
import { Plate } from '../parts/plate.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { viewPath } from '../router.ts';
import { now } from '../state/clock.ts';
import { isSelecting } from './selection.ts';

interface CardProps {
  /** undefined until it is read */
  readonly fractal: Fractal | undefined;
  /** its place in the whole list, from 0 */
  readonly rank: number;
  readonly total: number;
  /** from the left upper corner of the list, CSS pixels */
  readonly x: number;
  readonly y: number;
  readonly isTabStop: boolean;
  readonly isSelected: boolean;
  /** the list's filter, as its address has it */
  readonly list: string;
  readonly onPick: (fractal: Fractal, rank: number, isRange: boolean) => void;
}

/** One fractal in the gallery. */
export function Card({ fractal, rank, total, x, y, isTabStop, isSelected, list, onPick }: CardProps) {
  const place = { transform: `translate(${x}px, ${y}px)` };
  const position = { 'aria-setsize': total, 'aria-posinset': rank + 1 };
  if (!fractal) {
    return (
      <li class="card skeleton" style={place} data-rank={rank} {...position}>
        <div class="frame" tabIndex={-1} />
        <div class="caption">
          <span class="off-screen">Being read</span>
        </div>
      </li>
    );
  }
  const { uuid, created_at, width, height } = fractal;
  const title = titleOf(fractal, 3);
  const name = isSelected ? `${title}, selected` : title;
  const onClick = (event: MouseEvent): void => {
    // Enter opens always; while some are selected a click selects, as Shift does.
    if (event.detail === 0 || !(isSelecting.peek() || event.shiftKey) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onPick(fractal, rank, event.shiftKey);
  };
  return (
    <li class={isSelected ? 'card selected' : 'card'} style={place} data-rank={rank} data-uuid={uuid} {...position}>
      <a
        class="frame"
        href={viewPath(uuid)}
        data-list={list}
        tabIndex={isTabStop ? 0 : -1}
        aria-label={fractal.state === 'done' ? name : undefined}
        onClick={onClick}
      >
        {/* What is not done says so in words of its own, which the name of the link has to hold. */}
        {fractal.state !== 'done' && <span class="off-screen">{name}. </span>}
        <Plate fractal={fractal} small />
      </a>
      <input
        type="checkbox"
        class="check"
        checked={isSelected}
        aria-label={`Select ${title}`}
        tabIndex={isTabStop ? 0 : -1}
        onClick={({ shiftKey }) => onPick(fractal, rank, shiftKey)}
      />
      <div class="caption">
        <p class="card-title" title={title}>
          {title}
        </p>
        <p class="when">
          <StateBadge state={fractal.state} />
          <time dateTime={created_at} title={formatMoment(created_at)}>
            {formatAgo(created_at, now.value)}
          </time>
          <span>
            {formatCount(width)} × {formatCount(height)}
          </span>
        </p>
      </div>
    </li>
  );
}

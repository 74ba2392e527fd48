import { useEffect, useState } from 'preact/hooks';
import { isFinal } from '../../../src/domain/states.ts';
import { getFractal, isLinked, isUnknown, type OneFractal, Refusal } from '../api/client.ts';
import { resync } from '../api/live.ts';
import { formatAgo, formatMoment, formatPercent, titleOf } from '../format.ts';
import { filterOf } from '../gallery/filter.ts';
import { lastViewed } from '../gallery/last-viewed.ts';
import { DrawnBy } from '../parts/drawn-by.tsx';
import { NewerIcon, OlderIcon } from '../parts/icons.tsx';
import { Parameters } from '../parts/parameters.tsx';
import { Plate } from '../parts/plate.tsx';
import { Retry } from '../parts/retry.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { ViewTools } from '../parts/view-tools.tsx';
import { currentHint, navigate, viewPath } from '../router.ts';
import { applyToFractal } from '../state/apply-event.ts';
import { now } from '../state/clock.ts';
import { findNeighbours, type Neighbours } from '../state/neighbours.ts';
import { mayChangeIt, mayLook } from '../state/session.ts';
import { useShortcuts } from '../state/shortcuts.ts';
import { useTitle } from '../state/title.ts';
import { useWatched } from '../state/watched.ts';

const LOOK_EVERY_MS = 2_000;

/** One fractal: the picture as large as the window allows, and all that is known of it. */
export function ViewPage({ uuid }: { uuid: string }) {
  const { value, failure } = useWatched<OneFractal>({ key: uuid, read: () => getFractal(uuid), apply: applyToFractal });
  const fractal = value.value;
  const refused = refusalOf(failure.value);
  useEffect(() => lastViewed.note(uuid), [uuid]);
  const isVisitor = !mayLook.value && isLinked(uuid);
  useLooking(isVisitor && fractal !== undefined && !isFinal(fractal.state));
  useTitle(refused ? 'Not found' : fractal ? tabTitle(fractal) : 'Fractal');
  if (refused)
    return isLinked(uuid) && refused.status !== 404 ? (
      <Withheld reason={refused.message} />
    ) : (
      <Missing reason={refused.message} />
    );
  if (!fractal)
    return failure.value && !isUnknown(failure.value) ? (
      <Trouble failure={failure.value} />
    ) : (
      <div class="stage" aria-busy="true" />
    );
  return (
    <div class="view" data-uuid={uuid}>
      <div class="stage">
        <Plate fractal={fractal} eager remedy={mayChangeIt(fractal) && <Retry uuid={uuid} />} />
        {!isVisitor && <AroundIt uuid={uuid} />}
      </div>
      <div class="view-head">
        <div>
          <h1>{titleOf(fractal)}</h1>
          <p class="when">
            <StateBadge state={fractal.state} />
            <time dateTime={fractal.created_at} title={formatMoment(fractal.created_at)}>
              Ordered {formatAgo(fractal.created_at, now.value)}
            </time>
          </p>
        </div>
        <ViewTools fractal={fractal} />
      </div>
      <h2 class="section">Parameters</h2>
      <Parameters fractal={fractal} />
      {fractal.drawn_by && <DrawnBy uuid={uuid} shares={fractal.drawn_by} bands={fractal.bands} />}
    </div>
  );
}

/** What was refused for good. */
const refusalOf = (failure: Error | null): Refusal | null =>
  failure instanceof Refusal && failure.status < 500 && !isUnknown(failure) ? failure : null;

/** Who came by a link hears no events: looks now and then. */
function useLooking(isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(resync, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [isOn]);
}

function tabTitle(fractal: OneFractal): string {
  const title = titleOf(fractal);
  return fractal.state === 'rendering' ? `${formatPercent(fractal.progress)} ${title}` : title;
}

/** The way to the fractals before and after this one, also by the arrow keys. */
function AroundIt({ uuid }: { uuid: string }) {
  const [list] = useState(() => currentHint().list ?? '');
  const { value } = useWatched<Neighbours>({
    key: `around ${uuid}`,
    read: () => findNeighbours(uuid, filterOf(list)),
    apply: (event, neighbours) => (event.type === 'ordered' || event.type === 'deleted' ? 'reload' : neighbours),
  });
  const { newer, older } = value.value ?? { newer: null, older: null };
  // One step back leads to the gallery, however many were looked at on the way.
  const go = (to: string | null) => (): boolean => {
    if (to !== null) navigate(viewPath(to), { replace: true, hint: { list } });
    return to !== null;
  };
  useShortcuts('Beside this fractal', [
    { keys: ['ArrowLeft'], shown: '←', meaning: 'the newer one', run: go(newer) },
    { keys: ['ArrowRight'], shown: '→', meaning: 'the older one', run: go(older) },
  ]);
  return (
    <nav class="around" aria-label="Neighbours">
      {newer && (
        <a
          class="newer"
          href={viewPath(newer)}
          data-list={list}
          data-instead=""
          rel="prev"
          aria-label="Newer fractal"
          title="Newer (←)"
        >
          <NewerIcon />
        </a>
      )}
      {older && (
        <a
          class="older"
          href={viewPath(older)}
          data-list={list}
          data-instead=""
          rel="next"
          aria-label="Older fractal"
          title="Older (→)"
        >
          <OlderIcon />
        </a>
      )}
    </nav>
  );
}

/** A link that has expired, was changed on its way or withdrawn. */
function Withheld({ reason }: { reason: string }) {
  return (
    <section class="message">
      <h1>This link shows nothing any more</h1>
      <p>{reason}</p>
      <p class="actions">
        <a class="button quiet" href="/signin">
          Sign in instead
        </a>
      </p>
    </section>
  );
}

function Missing({ reason }: { reason: string }) {
  return (
    <section class="message">
      <p class="message-code">404</p>
      <h1>This fractal is not here</h1>
      <p>{reason} It may have been deleted, or the address is not complete.</p>
      <p class="actions">
        <a class="button" href="/">
          To the gallery
        </a>
      </p>
    </section>
  );
}

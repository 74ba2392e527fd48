import { useEffect, useMemo, useState } from 'preact/hooks';
import { isUnknown } from '../api/client.ts';
import { formatCount } from '../format.ts';
import { type Filter, filterText, isFiltered } from '../gallery/filter.ts';
import { Filters } from '../gallery/filters.tsx';
import { Grid } from '../gallery/grid.tsx';
import { type GalleryList, listOf } from '../gallery/list.ts';
import { clear } from '../gallery/selection.ts';
import { SelectionBar } from '../gallery/selection-bar.tsx';
import { startOf } from '../gallery/use-window.ts';
import { Empty } from '../parts/empty.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { useTitle } from '../state/title.ts';

const SKELETONS = 15;

/** All fractals that pass the filter, newest first, as long as one scrolls. @param number of a page of five, where an older address has one */
export function GalleryPage({ number, filter }: { number: number; filter: Filter }) {
  const text = filterText(filter);
  const list = useMemo(() => listOf(filter), [text]);
  const [start] = useState(() => startOf(number));
  useEffect(() => list.follow(), [list]);
  useEffect(() => clear, [list]);
  useTitle('');
  const total = list.total.value;
  const failure = list.failure.value;
  if (total === undefined && failure && !isUnknown(failure)) return <Trouble failure={failure} />;
  if (total === 0 && !isFiltered(filter)) return <Empty />;
  return (
    <>
      <div class="title-row gallery-head">
        <h1>Gallery</h1>
        {/* Who sits here is being asked: the app shows the sign-in in place of this. */}
        <p aria-live="polite">{total === undefined ? ' ' : countText(total)}</p>
        <Filters filter={filter} />
      </div>
      <News list={list} />
      {total === undefined && <Loading />}
      {total === 0 && <NothingPasses />}
      {total !== undefined && total > 0 && <Grid key={text} list={list} total={total} start={start} />}
      <SelectionBar />
    </>
  );
}

const countText = (total: number): string => `${formatCount(total)} ${total === 1 ? 'fractal' : 'fractals'}, newest first`;

/** What came while somebody was looking farther down. */
function News({ list }: { list: GalleryList }) {
  const count = list.news.value;
  const show = (): void => {
    list.showNews();
    scrollTo({ top: 0 });
  };
  return (
    <div class="news-place" role="status">
      {count > 0 && (
        <button type="button" class="button news" onClick={show}>
          ↑ {formatCount(count)} new
        </button>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div class="skeletons" role="status" aria-label="Loading the gallery">
      {Array.from({ length: SKELETONS }, (_, index) => (
        <div key={index} class="skeleton" aria-hidden="true">
          <div class="frame" />
        </div>
      ))}
    </div>
  );
}

function NothingPasses() {
  return (
    <section class="message">
      <h2>No fractal is like that</h2>
      <p>Nothing in the gallery passes all of the filters above.</p>
      <p class="actions">
        <a class="button" href="/">
          Show all
        </a>
      </p>
    </section>
  );
}

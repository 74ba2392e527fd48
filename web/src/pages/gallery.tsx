import { type FractalPage, isUnknown, listFractals } from '../api/client.ts';
import type { LiveEvent } from '../api/live.ts';
import { formatCount } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { Empty } from '../parts/empty.tsx';
import { Pager } from '../parts/pager.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { galleryPath } from '../router.ts';
import { applyToFractal } from '../state/apply-event.ts';
import { useTitle } from '../state/title.ts';
import { useWatched } from '../state/watched.ts';

const PER_PAGE = 5;

/** Pictures and parameters, newest first, five a page. @param number of the page, from 1 */
export function GalleryPage({ number }: { number: number }) {
  const { value, failure } = useWatched<FractalPage>({
    key: `page ${number}`,
    read: () => listFractals(number, PER_PAGE),
    apply: applyToPage,
  });
  useTitle(number === 1 ? '' : `Page ${number}`);
  const page = value.value;
  // Who sits here is being asked: the app shows the sign-in in place of this.
  if (page === undefined) return failure.value && !isUnknown(failure.value) ? <Trouble failure={failure.value} /> : <Loading />;
  if (page.num_results === 0) return <Empty />;
  if (page.objects.length === 0) return <BeyondTheEnd pages={page.total_pages} />;
  return (
    <>
      <div class="title-row">
        <h1>Gallery</h1>
        <p>
          {formatCount(page.num_results)} {page.num_results === 1 ? 'fractal' : 'fractals'}, newest first
        </p>
      </div>
      <div class="gallery">
        {page.objects.map((fractal, index) => (
          <Card key={fractal.uuid} fractal={fractal} rank={(number - 1) * PER_PAGE + index} lead={index === 0} />
        ))}
      </div>
      <Pager number={number} pages={page.total_pages} />
    </>
  );
}

function applyToPage(event: LiveEvent, page: FractalPage): FractalPage | 'reload' {
  if (event.type === 'resync' || event.type === 'ordered' || event.type === 'deleted') return 'reload';
  const index = page.objects.findIndex(({ uuid }) => uuid === event.uuid);
  const shown = page.objects[index];
  if (shown === undefined) return page;
  const next = applyToFractal(event, shown);
  return next === 'reload' ? next : { ...page, objects: page.objects.with(index, next) };
}

function Loading() {
  return (
    <div class="gallery loading" role="status" aria-label="Loading the gallery">
      {Array.from({ length: PER_PAGE }, (_, index) => (
        <div key={index} class={index === 0 ? 'card lead' : 'card'} aria-hidden="true">
          <div class="frame" />
          <div class="caption" />
        </div>
      ))}
    </div>
  );
}

function BeyondTheEnd({ pages }: { pages: number }) {
  return (
    <section class="message">
      <h1>The gallery ends before this page</h1>
      <p>There are {formatCount(pages)} pages at the moment.</p>
      <p class="actions">
        <a class="button" href={galleryPath(pages)}>
          To the last page
        </a>
        <a class="button quiet" href="/">
          To the newest
        </a>
      </p>
    </section>
  );
}
